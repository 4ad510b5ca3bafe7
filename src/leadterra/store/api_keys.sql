-- name: insert_key!
insert into api_keys (workspace_id, id, label, scopes, secret_hash, last_four, created_at, expires_at)
values (:workspace_id, :id, :label, :scopes, :secret_hash, :last_four, :created_at, :expires_at);

-- name: find_key_by_secret
select k.id, k.label, k.scopes, k.last_four, k.created_at, k.expires_at, k.revoked_at, w.mode, k.secret_hash
from api_keys k
join workspaces w on w.workspace_id = k.workspace_id and w.workspace_id = :workspace_id
where k.workspace_id = :workspace_id and k.secret_hash = :secret_hash;

-- name: list_keys
-- Those that are not revoked, oldest first.
select id, label, scopes, last_four, created_at, expires_at
from api_keys
where workspace_id = :workspace_id and revoked_at is null
  and (:after_at::timestamptz is null or (created_at, id) > (:after_at, :after_id::uuid))
order by created_at, id
limit :limit;

-- name: revoke_key!
update api_keys set revoked_at = :now where workspace_id = :workspace_id and id = :id and revoked_at is null;
