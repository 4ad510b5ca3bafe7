-- Thousands of enrollments may be due at one instant: the index gives them in the order in which they are listed.
drop index enrollments_waiting;
create index enrollments_waiting on enrollments (workspace_id, campaign_id, due_at, id) include (attempt) where state = 'waiting';

-- A message is in flight exactly as long as nobody has said what became of it; clearances and settlements go by either.
alter table messages add constraint messages_in_flight check ((state = 'sending') = (settled_at is null));
