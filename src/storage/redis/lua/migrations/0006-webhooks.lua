-- Output: nothing to change
-- Why:    deliveries come with what is stored; an older program would end jobs without telling of it
return 1
