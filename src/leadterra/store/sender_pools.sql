-- name: lock_pool
-- The workspace's one lock: whoever changes ledger, enrollments, messages or events of it takes this row first.
select 1 from sender_pools where workspace_id = :workspace_id for update;

-- name: insert_pool!
insert into sender_pools (workspace_id, id) values (:workspace_id, :id);

-- name: wake_pool!
-- Look for work not later than that instant.
update sender_pools set wake_at = least(wake_at, :at) where workspace_id = :workspace_id;

-- name: postpone_pool!
-- Do not look for work before that instant, unless something wakes the pool.
update sender_pools set wake_at = :until where workspace_id = :workspace_id and wake_at < :until;

-- name: list_due_pools
-- cross-workspace: the scheduler's read, by a role that sees only these two columns. Longest due first.
select workspace_id from sender_pools where wake_at <= :now order by wake_at limit :limit;

-- name: next_wake_at
-- cross-workspace: the scheduler's read, by a role that sees only these two columns.
select nullif(min(wake_at), 'infinity') from sender_pools;

-- name: refuse_claims_so_far!
-- The rules have changed: what is claimed and not cleared for DATA goes back, and is claimed by the new ones.
update sender_pools set refused_through = claim_number where workspace_id = :workspace_id;
