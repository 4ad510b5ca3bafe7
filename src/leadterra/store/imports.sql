-- name: insert_import!
insert into imports (workspace_id, id, campaign_id, fingerprint, source, state, created_at, updated_at)
values (:workspace_id, :id, :campaign_id, :fingerprint, :source, 'running', :stamp, :now)
on conflict (workspace_id, campaign_id, fingerprint) where state = 'running' do nothing;

-- name: latest_stamp
select max(created_at) from imports where workspace_id = :workspace_id;

-- name: find_running_import
select id, campaign_id, source, state, rows_read, enrolled, updated, skipped, invalid, created_at, updated_at
from imports
where workspace_id = :workspace_id and campaign_id = :campaign_id and fingerprint = :fingerprint and state = 'running';

-- name: find_import
select id, campaign_id, source, state, rows_read, enrolled, updated, skipped, invalid, created_at, updated_at
from imports where workspace_id = :workspace_id and id = :id;

-- name: lock_import
select id, campaign_id, source, state, rows_read, enrolled, updated, skipped, invalid, created_at, updated_at
from imports where workspace_id = :workspace_id and id = :id
for update;

-- name: try_lock_import
-- If nobody else has it, and it is where it should be.
select id, campaign_id, source, state, rows_read, enrolled, updated, skipped, invalid, created_at, updated_at
from imports where workspace_id = :workspace_id and id = :id and rows_read = :rows_read
for update skip locked;

-- name: list_imports
-- Latest first: ids rise with time.
select id, campaign_id, source, state, rows_read, enrolled, updated, skipped, invalid, created_at, updated_at
from imports where workspace_id = :workspace_id and (:before::uuid is null or id < :before)
order by id desc
limit :limit;

-- name: save_import!
update imports
set state = :state, rows_read = :rows_read, enrolled = :enrolled, updated = :updated, skipped = :skipped, invalid = :invalid,
    updated_at = :now
where workspace_id = :workspace_id and id = :id;
