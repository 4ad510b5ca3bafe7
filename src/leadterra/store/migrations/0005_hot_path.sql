-- The hot path: what a message costs while it is claimed, cleared and settled (docs/explanation/performance.md).

-- enrollment_ids: whose messages this claim took. A lost claim finds them by key, and no index need follow every message's state.
alter table claims add column enrollment_ids uuid[] not null default '{}';
alter table claims no force row level security;
alter table messages no force row level security;
update claims k set enrollment_ids = array(
  select m.enrollment_id from messages m where m.workspace_id = k.workspace_id and m.fence = k.number and m.state = 'sending');
alter table messages force row level security;
alter table claims force row level security;
drop index messages_by_fence;

-- The state is in no index any more while it is one that every message passes through: from `sending` to `sent` no index changes, and
-- the row finds room for its new versions on its own page.
drop index messages_unsent;
alter table messages add column notable_state text
  generated always as (case when state in ('sending', 'sent') then null else state end) stored;
create index messages_notable on messages (workspace_id, notable_state, created_at, id) where notable_state is not null;
alter table messages set (fillfactor = 50);

-- What a campaign has that neither waits its turn nor is on its way, and what waits for another attempt: statistics count these few, and
-- know the many that wait by what is open. Nothing is written here while mail goes as it should.
create index enrollments_aside on enrollments (workspace_id, campaign_id) where state in ('uncertain', 'held', 'paused');
create index enrollments_deferred on enrollments (workspace_id, campaign_id) where state = 'waiting' and attempt > 0;

-- Both were checked row by row, in the transaction that had just written or locked what they refer to, and nothing deletes that.
alter table attempts drop constraint attempts_message_fkey;
alter table events drop constraint events_workspace_fkey;

-- A workspace or campaign that is new is in no statistics, and the planner takes it to be empty: then all indexes that begin with it look
-- alike, and every row of the workspace is read to find one. Without statistics of these columns each is taken for a part of the whole.
alter table leads alter column workspace_id set statistics 0;
alter table enrollments alter column workspace_id set statistics 0, alter column campaign_id set statistics 0;
alter table messages alter column workspace_id set statistics 0, alter column campaign_id set statistics 0;
alter table attempts alter column workspace_id set statistics 0;
alter table events alter column workspace_id set statistics 0;

-- While a table is small all its indexes do look alike, and the youngest is taken: so that by which rows are found by their keys is made
-- again, last.
alter table leads drop constraint leads_pkey, add constraint leads_pkey primary key (workspace_id, id);
drop index enrollments_due;
create index enrollments_due on enrollments (workspace_id, campaign_id, time_zone, sender_account_id, due_at, id) include (position)
  where state = 'waiting';
alter table enrollments drop constraint enrollments_pkey, add constraint enrollments_pkey primary key (workspace_id, id);
alter table messages drop constraint messages_pkey, add constraint messages_pkey primary key (workspace_id, enrollment_id, step_id);

-- Plans are only as good as what is known of the tables, and in the first minutes of an installation, or after a large import, that is
-- nothing. Those that have doubled since they were last looked at are looked at again. As the owner, for the program's role may not.
create function leadterra_refresh_statistics() returns void
language plpgsql security definer set search_path = pg_catalog, public
as $$
declare
  grown regclass;
begin
  perform set_config('default_statistics_target', '20', true); -- a fifth of the usual: it is asked for often, while mail goes
  for grown in
    select c.oid from pg_class c
    where c.oid = any(array['leads', 'enrollments', 'messages', 'attempts', 'events', 'ledger', 'sender_accounts']::regclass[])
      and pg_relation_size(c.oid) > 2 * 8192 * greatest(c.relpages, 4)
  loop
    execute format('analyze (skip_locked) %s', grown);
  end loop;
end
$$;
revoke execute on function leadterra_refresh_statistics() from public;
grant execute on function leadterra_refresh_statistics() to leadterra_app;

-- A worker whose machine is lost in the middle of a transaction says nothing more, and would keep its workspace locked until the kernel
-- gives its connection up, hours later. Nothing of ours waits so long in a transaction for anything but the database.
create or replace function leadterra_enter(workspace uuid) returns void
language plpgsql
as $$
begin
  set local role leadterra_app;
  set local idle_in_transaction_session_timeout = '60s';
  execute format('set local leadterra.workspace_id = %L', workspace);
end
$$;
