-- name: try_lock_pool
-- The pool, locked, with what its plan needs of the workspace; no row while another transaction has it.
select p.claim_number, p.rotation_after, p.turn, p.message_domain, p.exhausted_on,
       w.daily_quota, w.postal_address, w.min_gap_seconds, w.link_secret
from sender_pools p
join workspaces w on w.workspace_id = p.workspace_id
where p.workspace_id = :workspace_id and w.workspace_id = :workspace_id
for update of p skip locked;

-- name: list_lost_messages
-- Messages of claims whose lease has run out. Locked: a clearance or a renewal that is under way is waited for, and counts.
select m.enrollment_id, m.step_id, m.fence, m.data_at
from claims k
join messages m on m.workspace_id = k.workspace_id and m.fence = k.number
where k.workspace_id = :workspace_id and m.workspace_id = :workspace_id and k.lease_until <= :now and m.state = 'sending'
order by m.enrollment_id, m.step_id
for update of k, m;

-- name: delete_lost_claims!
delete from claims where workspace_id = :workspace_id and lease_until <= :now;

-- name: list_senders
-- Every account, tombstones included (an enrollment may be bound to one), with its ledger of the day.
select a.id, (a.status = 'active' and a.removed_at is null and a.smtp_host is not null) as is_active, a.daily_limit,
       coalesce(l.sent + l.uncertain + l.reserved, 0) as used,
       coalesce(l.reserved, 0) + coalesce(y.reserved, 0) as in_flight,
       a.failures, coalesce(a.min_gap_seconds, :min_gap_seconds) as gap, a.next_send_at, a.rest_until
from sender_accounts a
left join ledger l
  on l.workspace_id = :workspace_id and l.workspace_id = a.workspace_id and l.day = :day and l.sender_account_id = a.id
left join ledger y
  on y.workspace_id = :workspace_id and y.workspace_id = a.workspace_id and y.day = :day_before and y.sender_account_id = a.id
where a.workspace_id = :workspace_id;

-- name: list_bound_work
-- Due messages whose enrollment is bound to one of these accounts, at most `room` an account and campaign, oldest first. Campaigns
-- that are through are passed over, however many there have been.
select e.id, e.position > 0 as is_follow_up, greatest(e.due_at, c.started_at) as due_at, e.sender_account_id as sender_id
from campaigns c
join campaign_totals t on t.workspace_id = c.workspace_id and t.campaign_id = c.id
cross join unnest(:account_ids::uuid[], :rooms::integer[]) as a (id, room)
cross join lateral (
  select n.id, n.position, n.due_at, n.sender_account_id
  from enrollments n
  where n.workspace_id = :workspace_id and n.campaign_id = c.id and n.sender_account_id = a.id
    and n.state = 'waiting' and n.due_at <= :now
  order by n.due_at, n.id
  limit a.room) e
where c.workspace_id = :workspace_id and t.workspace_id = :workspace_id and c.status = 'running' and c.removed_at is null and t.open > 0
order by greatest(e.due_at, c.started_at), e.id
limit :limit;

-- name: list_free_work
-- Due messages whose enrollment is bound to no account yet, at most `limit` a campaign, oldest first. The account, always null, is
-- named in the order so that the index gives it: thousands may be due at one instant.
select e.id, e.position > 0 as is_follow_up, greatest(e.due_at, c.started_at) as due_at, e.sender_account_id as sender_id
from campaigns c
join campaign_totals t on t.workspace_id = c.workspace_id and t.campaign_id = c.id
cross join lateral (
  select n.id, n.position, n.due_at, n.sender_account_id
  from enrollments n
  where n.workspace_id = :workspace_id and n.campaign_id = c.id and n.sender_account_id is null
    and n.state = 'waiting' and n.due_at <= :now
  order by n.sender_account_id, n.due_at, n.id
  limit :limit) e
where c.workspace_id = :workspace_id and t.workspace_id = :workspace_id and c.status = 'running' and c.removed_at is null and t.open > 0
order by greatest(e.due_at, c.started_at), e.id
limit :limit;

-- name: next_due_at
-- When the next message of a running campaign becomes due, if none is due now.
select min(e.due_at)
from campaigns c
join campaign_totals t on t.workspace_id = c.workspace_id and t.campaign_id = c.id
cross join lateral (
  select n.due_at from enrollments n
  where n.workspace_id = :workspace_id and n.campaign_id = c.id and n.state = 'waiting' and n.due_at > :now
  order by n.due_at limit 1) e
where c.workspace_id = :workspace_id and t.workspace_id = :workspace_id and c.status = 'running' and c.removed_at is null and t.open > 0;

-- name: next_lease_end
select min(lease_until) from claims where workspace_id = :workspace_id;

-- name: claim_enrollments!
-- Take these enrollments, each for the account that the plan gave it.
update enrollments e
set state = 'sending', state_reason = null, claim_number = :number, sender_account_id = d.account_id, updated_at = :now
from unnest(:enrollment_ids::uuid[], :account_ids::uuid[]) as d (enrollment_id, account_id)
where e.workspace_id = :workspace_id and e.id = any(:enrollment_ids::uuid[]) and e.id = d.enrollment_id and e.state = 'waiting';

-- name: list_claimed
-- What is needed to make the letters of a claim. No step: the enrollment has nothing left to send.
select e.id as enrollment_id, e.campaign_id, e.lead_id, e.sender_account_id, e.position,
       s.id as step_id, coalesce(s.thread_reply, true) as thread_reply, c.on_missing_variable,
       l.email, l.email_key, l.email_domain, l.first_name, l.last_name, l.company, l.job_title, l.custom_fields,
       (select count(*) from messages m where m.workspace_id = :workspace_id and m.enrollment_id = e.id) as messages
from enrollments e
join campaigns c on c.workspace_id = e.workspace_id and c.id = e.campaign_id
join leads l on l.workspace_id = e.workspace_id and l.id = e.lead_id
left join sequence_steps s
  on s.workspace_id = :workspace_id and s.workspace_id = e.workspace_id and s.campaign_id = e.campaign_id and s.position = e.position
where e.workspace_id = :workspace_id and c.workspace_id = :workspace_id and l.workspace_id = :workspace_id
  and e.id = any(:enrollment_ids) and e.state = 'sending' and e.claim_number = :number
order by e.due_at, e.id;

-- name: claim_messages
-- The message's row, new or taken up again after a deferral. A step that was sent, or is being sent, is not taken: R6 is this key.
insert into messages (workspace_id, enrollment_id, step_id, id, campaign_id, lead_id, step_position, sender_account_id, state, fence, day,
                      created_at, claimed_at)
select :workspace_id, d.enrollment_id, d.step_id, d.id, d.campaign_id, d.lead_id, d.step_position, d.account_id, 'sending', :number,
       :day, :now, :now
from unnest(:enrollment_ids::uuid[], :step_ids::uuid[], :ids::uuid[], :campaign_ids::uuid[], :lead_ids::uuid[],
            :step_positions::smallint[], :account_ids::uuid[])
  as d (enrollment_id, step_id, id, campaign_id, lead_id, step_position, account_id)
on conflict (workspace_id, enrollment_id, step_id) do update
set state = 'sending', state_reason = null, fence = excluded.fence, day = excluded.day, sender_account_id = excluded.sender_account_id,
    step_position = excluded.step_position, claimed_at = excluded.claimed_at, data_at = null, settled_at = null
where messages.state in ('queued', 'deferred', 'cancelled', 'refused')
returning enrollment_id, id;

-- name: reserve_units!
-- Take the units of a claim. The pool is locked, and the plan counted them against the limit.
insert into ledger (workspace_id, day, sender_account_id, daily_limit, reserved)
select :workspace_id, :day, d.account_id, d.daily_limit, d.units
from unnest(:account_ids::uuid[], :limits::integer[], :units::integer[]) as d (account_id, daily_limit, units)
on conflict (workspace_id, day, sender_account_id) do update
set reserved = ledger.reserved + excluded.reserved, daily_limit = excluded.daily_limit;

-- name: end_stepless_enrollments
-- Enrollments that were claimed and have no step left.
update enrollments set state = 'finished', claim_number = null, updated_at = :now
where workspace_id = :workspace_id and id = any(:enrollment_ids) and state = 'sending' and claim_number = :number
returning campaign_id;

-- name: step_past_sent_messages!
-- Enrollments that were claimed for a step that was sent already go on to the next; for one that is uncertain they wait with it. Neither
-- can come about but through an enrollment that was removed and enrolled anew.
update enrollments e
set state = case when m.state = 'uncertain' then 'uncertain' else 'waiting' end,
    position = case when m.state = 'uncertain' then e.position else e.position + 1 end, claim_number = null, updated_at = :now
from messages m, sequence_steps s
where e.workspace_id = :workspace_id and m.workspace_id = :workspace_id and s.workspace_id = :workspace_id
  and e.id = any(:enrollment_ids) and e.state = 'sending' and e.claim_number = :number
  and s.campaign_id = e.campaign_id and s.position = e.position and m.enrollment_id = e.id and m.step_id = s.id;

-- name: insert_claim!
insert into claims (workspace_id, number, worker, lease_until) values (:workspace_id, :number, :worker, :lease_until);

-- name: save_pool!
-- What the pool remembers of a claim.
update sender_pools
set claim_number = :claim_number, rotation_after = :rotation_after, turn = :turn, wake_at = :wake_at, exhausted_on = :exhausted_on
where workspace_id = :workspace_id;

-- name: list_steps
select id, subject, body_html, body_text, updated_at
from sequence_steps where workspace_id = :workspace_id and id = any(:step_ids);

-- name: list_accounts
-- Where and as whom these accounts submit.
select id, email, name, smtp_host, smtp_port, smtp_security, smtp_username, smtp_password
from sender_accounts where workspace_id = :workspace_id and id = any(:account_ids);

-- name: list_thread_messages
-- What these enrollments were sent before, in order: the thread that a follow-up joins.
select m.enrollment_id, m.step_id, m.subject, coalesce(s.thread_reply, true) as thread_reply
from messages m
left join sequence_steps s on s.workspace_id = :workspace_id and s.workspace_id = m.workspace_id and s.id = m.step_id
where m.workspace_id = :workspace_id and m.enrollment_id = any(:enrollment_ids) and m.state in ('sent', 'bounced', 'uncertain')
order by m.enrollment_id, m.id;

-- name: renew_claims
-- The worker is alive: its leases run on. The ones it has lost are not among the answers.
update claims set lease_until = :lease_until
where workspace_id = :workspace_id and number = any(:numbers) and worker = :worker and lease_until > :now
returning number;

-- name: delete_claims!
-- Claims of which every message is settled. One with a message that could not be settled stays, for its lease to run out.
delete from claims
where workspace_id = :workspace_id and number = any(:numbers)
  and not exists (
    select from messages m where m.workspace_id = :workspace_id and m.fence = claims.number and m.state = 'sending');

-- name: clear_messages
-- Right before DATA (R7): these may go, and are marked, if nothing has changed that forbids it. Where a limit was lowered below what
-- is taken, all that has not begun goes back, and is claimed again within the new limit.
-- Every condition is a look-up by key for one message, which the planner cannot turn into a join of everything that runs. For the
-- same reason the keys come as an array besides, the conditions stand in a `case`, and `settled_at is null` for the state `sending`.
update messages m
set data_at = :now, subject = d.subject
from unnest(:enrollment_id::uuid[], :step_id::uuid[], :fence::bigint[], :subject::text[], :address_hash::bytea[], :domain_hash::bytea[])
       as d (enrollment_id, step_id, fence, subject, address_hash, domain_hash)
where m.workspace_id = :workspace_id and m.enrollment_id = any(:enrollment_id::uuid[])
  and m.enrollment_id = d.enrollment_id and m.step_id = d.step_id and m.fence = d.fence
  and case when m.settled_at is null and m.data_at is null and m.day = :day then
    (select e.state = 'sending' and e.claim_number = m.fence
     from enrollments e where e.workspace_id = :workspace_id and e.id = m.enrollment_id)
    and (select c.status = 'running' and c.removed_at is null
         from campaigns c where c.workspace_id = :workspace_id and c.id = m.campaign_id)
    and (select a.status = 'active' and a.removed_at is null and l.sent + l.uncertain + l.reserved <= a.daily_limit
         from sender_accounts a
         join ledger l on l.workspace_id = a.workspace_id and l.sender_account_id = a.id
         where a.workspace_id = :workspace_id and l.workspace_id = :workspace_id and a.id = m.sender_account_id and l.day = m.day)
    and (select k.lease_until > :now from claims k where k.workspace_id = :workspace_id and k.number = m.fence)
    and (select w.daily_quota is null
                or w.daily_quota >= (select sum(u.sent + u.uncertain + u.reserved) from ledger u
                                     where u.workspace_id = :workspace_id and u.day = :day)
         from workspaces w where w.workspace_id = :workspace_id)
    and not exists (select from suppressions s where s.workspace_id = :workspace_id and s.hash in (d.address_hash, d.domain_hash))
  else false end
returning m.enrollment_id, m.step_id, m.fence;
