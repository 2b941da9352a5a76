-- Output: nothing to change
-- Why:    keys come with what is stored; an older program would take a limited key's jobs for anybody's
return 1
