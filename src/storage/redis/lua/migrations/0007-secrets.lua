-- Output: nothing to change
-- Why:    named credentials come with what is stored; an older program would take their keys for damage
return 1
