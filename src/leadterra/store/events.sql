-- name: take_event_numbers
-- The next numbers of the workspace's log; the pool's row is locked until the transaction ends, so there is no gap.
update sender_pools set event_number = event_number + :count where workspace_id = :workspace_id returning event_number;

-- name: insert_events!
insert into events (workspace_id, number, id, type, at, payload)
select :workspace_id, number, id, type, :now, payload
from unnest(:numbers::bigint[], :ids::uuid[], :types::text[], :payloads::jsonb[]) as e (number, id, type, payload)
on conflict do nothing;
