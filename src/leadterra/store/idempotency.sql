-- name: insert_idempotency_key!
-- Nothing happens if the key is known; then it is looked at under its lock.
insert into idempotency_keys (workspace_id, key, request_hash, owner, locked_until, created_at)
values (:workspace_id, :key, :request_hash, :owner, :locked_until, :now)
on conflict do nothing;

-- name: lock_idempotency_key
select request_hash, owner, locked_until, status, headers, body, created_at
from idempotency_keys where workspace_id = :workspace_id and key = :key for update;

-- name: take_idempotency_key!
update idempotency_keys
set request_hash = :request_hash, owner = :owner, locked_until = :locked_until, status = null, headers = null, body = null,
    created_at = :now
where workspace_id = :workspace_id and key = :key;

-- name: complete_idempotency_key!
-- Touches no row when somebody else has taken the key over.
update idempotency_keys set status = :status, headers = :headers::jsonb, body = :body
where workspace_id = :workspace_id and key = :key and owner = :owner and status is null;

-- name: release_idempotency_key!
delete from idempotency_keys where workspace_id = :workspace_id and key = :key and owner = :owner and status is null;

-- name: delete_old_idempotency_keys!
delete from idempotency_keys where workspace_id = :workspace_id and created_at < :before;
