-- name: list_lost_messages
-- Messages of claims whose lease has run out. Locked: a clearance or a renewal that is under way is waited for, and counts.
select m.enrollment_id, m.step_id, m.fence, m.data_at
from claims k
cross join unnest(k.enrollment_ids) as held (enrollment_id)
join messages m on m.workspace_id = k.workspace_id and m.enrollment_id = held.enrollment_id and m.fence = k.number
where k.workspace_id = :workspace_id and m.workspace_id = :workspace_id and k.lease_until <= :now and m.state = 'sending'
order by m.enrollment_id, m.step_id
for update of k, m;

-- name: delete_lost_claims!
delete from claims where workspace_id = :workspace_id and lease_until <= :now;

-- name: next_lease_end
select min(lease_until) from claims where workspace_id = :workspace_id;

-- name: claim_enrollments!
-- Take these enrollments, each for the account that the plan gave it.
update enrollments e
set state = 'sending', state_reason = null, claim_number = :number, sender_account_id = d.account_id, updated_at = :now
from unnest(:enrollment_ids::uuid[], :account_ids::uuid[]) as d (enrollment_id, account_id)
where e.workspace_id = :workspace_id and e.id = d.enrollment_id and e.state = 'waiting';

-- name: list_claimed
-- What is needed to make the letters of a claim. No step: the enrollment has nothing left to send. `offset 0` has each row found by its key,
-- whatever the planner believes of the tables.
select e.id as enrollment_id, e.campaign_id, e.lead_id, e.sender_account_id, e.position,
       s.id as step_id, s.version as step_version, coalesce(s.thread_reply, true) as thread_reply, c.on_missing_variable,
       l.email, l.email_key, l.email_domain, l.first_name, l.last_name, l.company, l.job_title, l.time_zone, l.custom_fields,
       before.messages, e.time_zone as zone, before.starts_thread
from unnest(:enrollment_ids::uuid[]) as k (id)
cross join lateral (
  select n.* from enrollments n
  where n.workspace_id = :workspace_id and n.id = k.id and n.state = 'sending' and n.claim_number = :number offset 0) e
cross join lateral (select n.* from leads n where n.workspace_id = :workspace_id and n.id = e.lead_id offset 0) l
join campaigns c on c.workspace_id = e.workspace_id and c.id = e.campaign_id
left join sequence_steps s
  on s.workspace_id = :workspace_id and s.workspace_id = e.workspace_id and s.campaign_id = e.campaign_id and s.position = e.position
cross join lateral (
  select count(*) as messages, coalesce(bool_or(m.starts_thread and m.step_id = s.id), false) as starts_thread
  from messages m where m.workspace_id = :workspace_id and m.enrollment_id = e.id) before
where c.workspace_id = :workspace_id
order by e.due_at, e.id;

-- name: claim_messages
-- The message's row, new or taken up again after a deferral. A step that was sent, or is being sent, is not taken: R6 is this key.
insert into messages (workspace_id, enrollment_id, step_id, id, campaign_id, lead_id, step_position, step_version, sender_account_id,
                      recipient_domain, starts_thread, state, fence, day, created_at, claimed_at)
select :workspace_id, d.enrollment_id, d.step_id, d.id, d.campaign_id, d.lead_id, d.step_position, d.step_version, d.account_id,
       d.recipient_domain, d.starts_thread, 'sending', :number, :day, :now, :now
from unnest(:enrollment_id::uuid[], :step_id::uuid[], :id::uuid[], :campaign_id::uuid[], :lead_id::uuid[],
            :step_position::smallint[], :step_version::integer[], :account_id::uuid[], :recipient_domain::uuid[], :starts_thread::boolean[])
  as d (enrollment_id, step_id, id, campaign_id, lead_id, step_position, step_version, account_id, recipient_domain, starts_thread)
on conflict (workspace_id, enrollment_id, step_id) do update
set state = 'sending', state_reason = null, fence = excluded.fence, day = excluded.day, sender_account_id = excluded.sender_account_id,
    step_position = excluded.step_position, step_version = excluded.step_version, recipient_domain = excluded.recipient_domain,
    starts_thread = excluded.starts_thread, claimed_at = excluded.claimed_at, data_at = null, settled_at = null
where messages.state in ('queued', 'deferred', 'cancelled', 'refused')
returning enrollment_id, id, variant_id;

-- name: reserve_units!
-- Take the units of a claim. The pool is locked, and the plan counted them against the limit.
insert into ledger (workspace_id, day, sender_account_id, daily_limit, reserved)
select :workspace_id, :day, d.account_id, d.daily_limit, d.units
from unnest(:account_ids::uuid[], :limits::integer[], :units::integer[]) as d (account_id, daily_limit, units)
on conflict (workspace_id, day, sender_account_id) do update
set reserved = ledger.reserved + excluded.reserved, daily_limit = excluded.daily_limit;

-- name: end_lost_enrollments
-- Enrollments whose sender account is lost, and whose campaign stops them for it.
update enrollments set state = 'failed', state_reason = :reason, updated_at = :now
where workspace_id = :workspace_id and id = any(:enrollment_ids::uuid[]) and state = 'waiting'
returning campaign_id;

-- name: cancel_messages_of_lost!
update messages set state = 'cancelled', state_reason = :reason
where workspace_id = :workspace_id and enrollment_id = any(:enrollment_ids::uuid[]) and state in ('queued', 'deferred');

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
    state_reason = case when m.state = 'uncertain' then m.state_reason end,
    position = case when m.state = 'uncertain' then e.position else e.position + 1 end, claim_number = null, updated_at = :now
from messages m, sequence_steps s
where e.workspace_id = :workspace_id and m.workspace_id = :workspace_id and s.workspace_id = :workspace_id
  and e.id = any(:enrollment_ids) and e.state = 'sending' and e.claim_number = :number
  and s.campaign_id = e.campaign_id and s.position = e.position and m.enrollment_id = e.id and m.step_id = s.id;

-- name: insert_claim!
insert into claims (workspace_id, number, worker, lease_until, enrollment_ids)
values (:workspace_id, :number, :worker, :lease_until, :enrollment_ids::uuid[]);

-- name: save_pool!
-- What the pool remembers of a claim.
update sender_pools
set claim_number = :claim_number, share_clock = :share_clock, wake_at = :wake_at, exhausted_on = :exhausted_on
where workspace_id = :workspace_id;

-- name: save_accounts!
-- When accounts may send again, and where they stand in the rotation; null leaves either as it is.
update sender_accounts a set next_send_at = coalesce(d.at, a.next_send_at), rotation_place = coalesce(d.place, a.rotation_place)
from unnest(:account_ids::uuid[], :instants::timestamptz[], :places::bigint[]) as d (account_id, at, place)
where a.workspace_id = :workspace_id and a.id = d.account_id;

-- name: save_shares!
update campaign_totals t set share_finish = d.finish, turn = d.turn
from unnest(:campaign_ids::uuid[], :finishes::double precision[], :turns::smallint[]) as d (campaign_id, finish, turn)
where t.workspace_id = :workspace_id and t.campaign_id = d.campaign_id;

-- name: list_steps
select s.id, s.subject, s.body_html, s.body_text,
       exists (select from step_variants v where v.workspace_id = :workspace_id and v.step_id = s.id and v.removed_at is null) as has_variants
from sequence_steps s where s.workspace_id = :workspace_id and s.id = any(:step_ids);

-- name: list_accounts
-- Where and as whom these accounts submit.
select a.id, a.email, a.name, a.smtp_host, a.smtp_port, a.smtp_security, a.smtp_username, a.smtp_password,
       exists (select from oauth_grants g where g.workspace_id = :workspace_id and g.account_id = a.id) as has_grant
from sender_accounts a where a.workspace_id = :workspace_id and a.id = any(:account_ids);

-- name: list_thread_messages
-- What these enrollments were sent before, in order: the thread that a follow-up joins.
select m.enrollment_id, m.step_id, m.subject, coalesce(s.thread_reply, true) and not m.starts_thread as thread_reply
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
    select from unnest(claims.enrollment_ids) as held (enrollment_id)
    join messages m on m.enrollment_id = held.enrollment_id
    where m.workspace_id = :workspace_id and m.fence = claims.number and m.state = 'sending');

-- name: clear_messages
-- Right before DATA (R7): these may go, and are marked, if nothing has changed that forbids it. Where a limit was lowered below what
-- is taken, all that has not begun goes back, and is claimed again within the new limit; so does what was claimed in an hour that is
-- over, where hours have limits, and what was claimed before a cap was lowered or a window moved.
-- What many messages have in common is looked up once for all of them, each in an array; the rest by key, message by message. Neither
-- can become a join of everything that runs: for that the conditions of a message stand in a `case`, and `settled_at is null` for the
-- state `sending`.
update messages m
set data_at = :now, subject = d.subject
from unnest(:enrollment_id::uuid[], :step_id::uuid[], :fence::bigint[], :campaign_id::uuid[], :account_id::uuid[], :subject::text[],
            :address_hash::bytea[], :domain_hash::bytea[])
       as d (enrollment_id, step_id, fence, campaign_id, account_id, subject, address_hash, domain_hash)
where m.workspace_id = :workspace_id and m.enrollment_id = d.enrollment_id and m.step_id = d.step_id and m.fence = d.fence
  and m.campaign_id = d.campaign_id and m.sender_account_id = d.account_id
  and d.fence = any(array(
    select k.number from claims k
    join sender_pools p on p.workspace_id = k.workspace_id
    where k.workspace_id = :workspace_id and p.workspace_id = :workspace_id and k.number = any(:fence::bigint[])
      and k.number > p.refused_through and k.lease_until > :now))
  and d.campaign_id = any(array(
    select c.id from campaigns c
    where c.workspace_id = :workspace_id and c.id = any(:campaign_id::uuid[]) and c.status = 'running' and c.removed_at is null))
  and d.account_id = any(array(
    select a.id from sender_accounts a
    cross join lateral (
      select n.sent + n.uncertain + n.reserved as units from ledger n
      where n.workspace_id = :workspace_id and n.day = :day and n.sender_account_id = a.id offset 0) l
    where a.workspace_id = :workspace_id and a.id = any(:account_id::uuid[]) and a.status = 'active' and a.removed_at is null
      and l.units <= a.limit_in_force))
  and (select w.daily_quota is null
              or w.daily_quota >= (select sum(u.sent + u.uncertain + u.reserved) from ledger u
                                   where u.workspace_id = :workspace_id and u.day = :day)
       from workspaces w where w.workspace_id = :workspace_id)
  and case when m.settled_at is null and m.data_at is null and m.day = :day then
    (select e.state = 'sending' and e.claim_number = m.fence
     from enrollments e where e.workspace_id = :workspace_id and e.id = m.enrollment_id)
    and (m.claimed_at >= :hour
         or (select w.recipient_domain_hourly_limit is null from workspaces w where w.workspace_id = :workspace_id))
    and not exists (select from suppressions s where s.workspace_id = :workspace_id and s.hash in (d.address_hash, d.domain_hash))
  else false end
returning m.enrollment_id, m.step_id, m.fence;
