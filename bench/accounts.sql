-- Many workspaces with few accounts, or few with many. Account n is of workspace n modulo their number; the ids of what belongs to a
-- workspace differ in one digit.

-- name: insert_workspaces!
insert into workspaces (workspace_id, name, mode, link_secret, min_gap_seconds, created_at, updated_at)
select ('0195f00000007010a' || lpad(to_hex(n << 6), 15, '0'))::uuid, 'bench ' || n, 'test', decode(repeat('00', 32), 'hex'), :gap, :now, :now
from generate_series(0, :workspaces::bigint - 1) n;

-- name: insert_pools!
insert into sender_pools (workspace_id, id, wake_at)
select workspace_id, overlay(workspace_id::text placing '7011' from 15)::uuid, :wake_at from workspaces;

-- name: insert_campaigns!
insert into campaigns (workspace_id, id, name, status, created_at, updated_at, started_at)
select workspace_id, overlay(workspace_id::text placing '7013' from 15)::uuid, 'Bench', 'running', :now, :now, :now from workspaces;

-- name: insert_steps!
insert into sequence_steps (workspace_id, id, campaign_id, position, subject, body_html, delay_days, thread_reply, updated_at)
select workspace_id, overlay(workspace_id::text placing '7014' from 15)::uuid, id, 0, 'Hello {{ firstName }}', '<p>Hello</p>', 0, true, :now
from campaigns;

-- name: insert_accounts!
insert into sender_accounts (workspace_id, id, email, email_key, email_domain, name, status, daily_limit, smtp_host, smtp_port,
                             smtp_security, created_at, updated_at)
select ('0195f00000007010a' || lpad(to_hex(mod(n, :workspaces) << 6), 15, '0'))::uuid,
       ('0195f00000007012a' || lpad(to_hex(n << 6), 15, '0'))::uuid, a.email, a.email, 'acme.test', 'Ada', 'active', 1000, '127.0.0.1', :port,
       'none', :now, :now
from generate_series(0, :accounts::bigint - 1) n
cross join lateral (select 'account' || n || '@acme.test') a (email);

-- name: insert_work!
-- The k-th of the numbers is a lead bound to account k times :stride, due so many gaps after the first.
with work as (
  select ('0195f00000007010a' || lpad(to_hex(mod(mod(k * :stride, :accounts), :workspaces) << 6), 15, '0'))::uuid as workspace_id,
         ('0195f00000007001a' || lpad(to_hex((:first + k) << 6), 15, '0'))::uuid as lead_id,
         ('0195f00000007002a' || lpad(to_hex((:first + k) << 6), 15, '0'))::uuid as id,
         ('0195f00000007012a' || lpad(to_hex(mod(k * :stride, :accounts) << 6), 15, '0'))::uuid as account_id,
         'lead' || :first + k || '@leads.test' as email, :due_at + k * :apart::interval as due_at
  from generate_series(0, :count::bigint - 1) k),
people as (
  insert into leads (workspace_id, id, email, email_key, email_domain, first_name, created_at, updated_at)
  select workspace_id, lead_id, email, email, 'leads.test', 'Ada', :now, :now from work),
totals as (
  insert into campaign_totals as t (workspace_id, campaign_id, enrolled, open)
  select workspace_id, overlay(workspace_id::text placing '7013' from 15)::uuid, count(*), count(*) from work group by workspace_id
  on conflict (workspace_id, campaign_id) do update set enrolled = t.enrolled + excluded.enrolled, open = t.open + excluded.open)
insert into enrollments (workspace_id, id, campaign_id, lead_id, state, due_at, sender_account_id, created_at, updated_at)
select workspace_id, id, overlay(workspace_id::text placing '7013' from 15)::uuid, lead_id, 'waiting', due_at, account_id, :now, :now
from work;

-- name: wake_pools!
-- Each when the first of its work from that number on is due.
update sender_pools p set wake_at = least(p.wake_at, e.due_at)
from (select workspace_id, min(due_at) as due_at from enrollments
      where id >= ('0195f00000007002a' || lpad(to_hex(:first::bigint << 6), 15, '0'))::uuid group by workspace_id) e
where e.workspace_id = p.workspace_id;

-- name: lateness
-- Of that work: how many messages were cleared for DATA more than a second after they were due, or were not; how many are in flight still;
-- and the greatest delay in seconds.
select count(*) filter (where m.data_at is null or m.data_at > w.due_at + interval '1 second'),
       count(*) filter (where m.data_at is null or m.state = 'sending'),
       coalesce(extract(epoch from max(m.data_at - w.due_at)), 0)::float
from (select ('0195f00000007002a' || lpad(to_hex((:first + k) << 6), 15, '0'))::uuid as id, :due_at + k * :apart::interval as due_at
      from generate_series(0, :count::bigint - 1) k) w
left join messages m on m.enrollment_id = w.id;
