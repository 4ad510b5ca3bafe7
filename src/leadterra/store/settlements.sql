-- name: lock_messages
-- The messages to settle, with what their settlement depends on. One whose claim was lost and taken anew is not among them: its
-- fence is another. An uncertain one may still be settled by whoever held it: that is the best evidence there is.
select m.enrollment_id, m.step_id, m.fence, m.id, m.state, m.campaign_id, m.lead_id, m.step_position, m.sender_account_id, m.day,
       m.attempts, m.deferrals, m.claimed_at, m.data_at, m.recipient_domain, m.variant_id, e.state as enrollment_state, e.attempt,
       e.due_at, e.position, e.last_sent_at, e.time_zone, s.position as sent_position, n.delay_days as next_delay_days,
       n.delay_unit as next_delay_unit, c.schedule::text as schedule
from unnest(:enrollment_ids::uuid[]) as k (id)
cross join lateral (
  select n.* from messages n
  where n.workspace_id = :workspace_id and n.enrollment_id = k.id and n.fence = any(:fences::bigint[])
    and (n.settled_at is null or n.state = 'uncertain') for update) m
cross join lateral (select n.* from enrollments n where n.workspace_id = :workspace_id and n.id = k.id for update) e
join sequence_steps s on s.workspace_id = m.workspace_id and s.id = m.step_id
join campaigns c on c.workspace_id = m.workspace_id and c.id = m.campaign_id
left join sequence_steps n
  on n.workspace_id = :workspace_id and n.workspace_id = s.workspace_id and n.campaign_id = s.campaign_id and n.position = s.position + 1
where s.workspace_id = :workspace_id and c.workspace_id = :workspace_id
order by m.enrollment_id, m.step_id;

-- name: find_uncertain
-- The key of an uncertain message.
select step_id, fence from messages
where workspace_id = :workspace_id and enrollment_id = :enrollment_id and id = :id and state = 'uncertain';

-- name: settle_messages!
update messages m
set state = d.state, state_reason = d.reason, refusal_scope = d.refusal_scope, attempts = d.attempts, deferrals = d.deferrals,
    settled_at = :now, look_at = null, bounce_type = d.bounce_type,
    data_at = case when d.is_returned then null else m.data_at end
from unnest(:enrollment_id::uuid[], :step_id::uuid[], :state::text[], :reason::text[], :refusal_scope::text[], :attempts::smallint[],
            :deferrals::smallint[], :is_returned::boolean[], :bounce_type::text[])
  as d (enrollment_id, step_id, state, reason, refusal_scope, attempts, deferrals, is_returned, bounce_type)
where m.workspace_id = :workspace_id and m.enrollment_id = d.enrollment_id and m.step_id = d.step_id;

-- name: settle_enrollments!
-- One that was ended or paused while its message was in flight keeps the reason that it was given then. Who is away has nothing due before
-- the return.
update enrollments e
set state = d.state, state_reason = case when e.state = d.state then e.state_reason else d.reason end, position = d.position,
    attempt = d.attempt, due_at = greatest(d.due_at, e.away_until), last_sent_at = d.last_sent_at,
    sender_account_id = d.account_id, claim_number = null, updated_at = :now
from unnest(:enrollment_id::uuid[], :state::text[], :reason::text[], :position::smallint[], :attempt::smallint[], :due_at::timestamptz[],
            :last_sent_at::timestamptz[], :account_id::uuid[])
  as d (enrollment_id, state, reason, position, attempt, due_at, last_sent_at, account_id)
where e.workspace_id = :workspace_id and e.id = d.enrollment_id;

-- name: settle_units!
-- Move units of the ledger, and count bounces and troubles, by account and day.
update ledger l
set sent = l.sent + d.sent, uncertain = l.uncertain + d.uncertain, reserved = l.reserved + d.reserved, bounced = l.bounced + d.bounced,
    troubled = l.troubled + d.troubled
from unnest(:day::date[], :account_id::uuid[], :sent::integer[], :uncertain::integer[], :reserved::integer[], :bounced::integer[],
            :troubled::integer[])
  as d (day, account_id, sent, uncertain, reserved, bounced, troubled)
where l.workspace_id = :workspace_id and l.day = d.day and l.sender_account_id = d.account_id;

-- name: insert_attempts!
insert into attempts (workspace_id, enrollment_id, step_id, number, sender_account_id, outcome, scope, server, command, code, enhanced_code,
                      answer, started_at, data_at, ended_at)
select :workspace_id, d.*
from unnest(:enrollment_id::uuid[], :step_id::uuid[], :number::smallint[], :account_id::uuid[], :outcome::text[], :scope::text[],
            :server::text[], :command::text[], :code::smallint[], :enhanced_code::text[], :answer::text[], :started_at::timestamptz[],
            :data_at::timestamptz[], :ended_at::timestamptz[]) as d
on conflict do nothing;

-- name: list_health
select a.id, a.failures, a.rest_until, a.rest_reason, a.next_send_at, a.status, a.email, a.email_domain, a.pacing_mode, a.min_gap_seconds,
       a.jitter, a.is_watched, w.mode, w.pacing_mode as usual_mode, w.min_gap_seconds as usual_gap, w.jitter as usual_jitter
from sender_accounts a
join workspaces w on w.workspace_id = :workspace_id and w.workspace_id = a.workspace_id
where a.workspace_id = :workspace_id and a.id = any(:account_ids)
order by a.id for update of a;

-- name: save_health!
-- A new status is never `active`: nobody but a person makes an account that.
update sender_accounts a
set failures = d.failures, rest_until = d.rest_until, rest_reason = d.rest_reason, next_send_at = d.next_send_at,
    status = coalesce(d.status, a.status), status_reason = coalesce(d.status_reason, a.status_reason),
    lost_at = case when d.status is null then a.lost_at else coalesce(a.lost_at, :now) end
from unnest(:account_id::uuid[], :failures::integer[], :rest_until::timestamptz[], :rest_reason::text[], :next_send_at::timestamptz[],
            :status::text[], :status_reason::text[])
  as d (account_id, failures, rest_until, rest_reason, next_send_at, status, status_reason)
where a.workspace_id = :workspace_id and a.id = d.account_id;

-- name: list_suppressed_leads
-- Those of these leads whose address or domain is suppressed. The hashes are those of mail/addresses.py.
select l.id from leads l
where l.workspace_id = :workspace_id and l.id = any(:lead_ids)
  and exists (
    select from suppressions s
    where s.workspace_id = :workspace_id
      and s.hash in (sha256(convert_to(l.email_key, 'UTF8')), sha256(convert_to(l.email_domain, 'UTF8'))));

-- name: list_addresses
select id, email, email_key from leads where workspace_id = :workspace_id and id = any(:lead_ids::uuid[]);

-- name: list_sending_domains
select id, email_domain from sender_accounts where workspace_id = :workspace_id and id = any(:account_ids::uuid[]);
