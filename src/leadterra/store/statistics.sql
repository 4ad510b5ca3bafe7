-- name: refresh_statistics
-- The function is the migrations': only the owner of a table may look at all of it.
select leadterra_refresh_statistics();
