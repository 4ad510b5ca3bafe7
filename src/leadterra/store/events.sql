-- name: append_events!
-- The next numbers of the workspace's log are taken; the pool's row is locked until the transaction ends, so there is no gap.
with taken as (
  update sender_pools set event_number = event_number + :count::bigint where workspace_id = :workspace_id returning event_number)
insert into events (workspace_id, number, id, type, at, payload)
select :workspace_id, taken.event_number - :count::bigint + e.place, e.id, e.type, :now, e.payload
from taken, unnest(:ids::uuid[], :types::text[], :payloads::jsonb[]) with ordinality as e (id, type, payload, place)
on conflict do nothing;
