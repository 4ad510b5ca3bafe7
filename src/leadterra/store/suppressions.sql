-- name: insert_suppressions
-- Those that are new; a hash that is known keeps its reason. The answer names the new ones.
insert into suppressions (workspace_id, hash, kind, id, value, reason, source, created_at)
select :workspace_id, s.hash, s.kind, s.id, s.value, :reason, :source, :now
from unnest(:hashes::bytea[], :kinds::text[], :ids::uuid[], :values::text[]) as s (hash, kind, id, value)
on conflict (workspace_id, hash) do nothing
returning hash;

-- name: find_suppressions
select hash, kind, id, value, reason, source, created_at
from suppressions where workspace_id = :workspace_id and hash = any(:hashes);

-- name: list_suppressions
-- Newest first. Those of erased people have no value any more.
select hash, kind, id, value, reason, source, created_at
from suppressions
where workspace_id = :workspace_id
  and (:reason::text is null or reason = :reason)
  and (:source::text is null or source = :source)
  and (:after_at::timestamptz is null or (created_at, id) < (:after_at, :after_id::uuid))
order by created_at desc, id desc
limit :limit;

-- name: forget_suppression_value!
-- The person was erased: the hash stays, so that nobody writes to them again.
update suppressions set value = null where workspace_id = :workspace_id and hash = :hash;

-- name: list_leads_by_address
select id from leads where workspace_id = :workspace_id and email_key = any(:email_keys);

-- name: list_leads_by_domain
select id from leads where workspace_id = :workspace_id and email_domain = any(:domains);
