-- Output: nothing to change
-- Why:    detached tasks come with what is stored; an older program would take their keys for damage
return 1
