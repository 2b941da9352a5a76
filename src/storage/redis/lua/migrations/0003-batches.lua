-- Output: nothing to change
-- Why:    batches come with what is stored; an older program would take their keys for damage, and release nothing
return 1
