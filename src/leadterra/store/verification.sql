-- name: list_unit_differences
-- Accounts and days of which the ledger says something else than the messages. A message counts once, for the account and day of its
-- last claim: whoever claims it anew does so after its unit was given back.
with kept as (
  select day, sender_account_id, sent, uncertain, reserved, bounced
  from ledger
  where workspace_id = :workspace_id and (:day::date is null or day = :day)),
counted as (
  select day, sender_account_id,
         count(*) filter (where state in ('sent', 'bounced')) as sent,
         count(*) filter (where state = 'uncertain') as uncertain,
         count(*) filter (where state = 'sending') as reserved,
         count(*) filter (where state = 'bounced' or state = 'refused' and refusal_scope = 'recipient') as bounced
  from messages
  where workspace_id = :workspace_id and (:day::date is null or day = :day)
  group by day, sender_account_id),
compared as (
  select coalesce(k.day, n.day) as day, coalesce(k.sender_account_id, n.sender_account_id) as id,
         array[coalesce(k.sent, 0), coalesce(k.uncertain, 0), coalesce(k.reserved, 0), coalesce(k.bounced, 0)]::bigint[] as kept,
         array[coalesce(n.sent, 0), coalesce(n.uncertain, 0), coalesce(n.reserved, 0), coalesce(n.bounced, 0)]::bigint[] as counted
  from kept k
  full join counted n on n.day = k.day and n.sender_account_id = k.sender_account_id)
select day, id, kept, counted from compared
where kept <> counted
order by day, id;

-- name: list_total_differences
-- Campaigns whose totals say something else than their enrollments and messages. Replies and unsubscriptions are not among them: a
-- lead may say so after its enrollment has ended, and how it ended is kept.
with kept as (
  select campaign_id, enrolled, open, sent, bounced, failed, uncertain
  from campaign_totals
  where workspace_id = :workspace_id),
leads_in as (
  select campaign_id,
         count(*) filter (where state <> 'removed') as enrolled,
         count(*) filter (where state = any(:open)) as open
  from enrollments
  where workspace_id = :workspace_id
  group by campaign_id),
letters as (
  select campaign_id,
         count(*) filter (where state in ('sent', 'bounced') or state = 'refused' and refusal_scope = 'recipient') as sent,
         count(*) filter (where state = 'bounced' or state = 'refused' and refusal_scope = 'recipient') as bounced,
         count(*) filter (where state = 'refused' and refusal_scope <> 'recipient') as failed,
         count(*) filter (where state = 'uncertain') as uncertain
  from messages
  where workspace_id = :workspace_id
  group by campaign_id),
counted as (
  select coalesce(e.campaign_id, m.campaign_id) as campaign_id,
         array[coalesce(e.enrolled, 0), coalesce(e.open, 0), coalesce(m.sent, 0), coalesce(m.bounced, 0), coalesce(m.failed, 0),
               coalesce(m.uncertain, 0)]::bigint[] as numbers
  from leads_in e
  full join letters m on m.campaign_id = e.campaign_id),
compared as (
  select coalesce(k.campaign_id, n.campaign_id) as id,
         array[coalesce(k.enrolled, 0), coalesce(k.open, 0), coalesce(k.sent, 0), coalesce(k.bounced, 0), coalesce(k.failed, 0),
               coalesce(k.uncertain, 0)]::bigint[] as kept,
         coalesce(n.numbers, array[0, 0, 0, 0, 0, 0]::bigint[]) as counted
  from kept k
  full join counted n on n.campaign_id = k.campaign_id)
select null::date as day, id, kept, counted from compared
where kept <> counted
order by id;

-- name: list_attempt_differences
-- Messages that say something else than their attempts: more attempts than they know of; accepted more than once, or without being
-- sent; sent or uncertain without an attempt that was. What a person or a late worker said of an uncertain message is no attempt.
with told as (
  select enrollment_id, step_id, count(*) as attempts,
         count(*) filter (where outcome = 'accepted') as accepted,
         count(*) filter (where outcome = 'uncertain') as uncertain
  from attempts
  where workspace_id = :workspace_id
  group by enrollment_id, step_id),
compared as (
  select m.id, m.day, m.state in ('sent', 'bounced') as is_sent, m.state = 'uncertain' as is_uncertain, m.attempts as known,
         coalesce(t.attempts, 0) as attempts, coalesce(t.accepted, 0) as accepted, coalesce(t.uncertain, 0) as uncertain
  from messages m
  left join told t on t.enrollment_id = m.enrollment_id and t.step_id = m.step_id
  where m.workspace_id = :workspace_id and (:day::date is null or m.day = :day))
select day, id, array[known, is_sent::integer, is_uncertain::integer]::bigint[] as kept,
       array[attempts, accepted, uncertain]::bigint[] as counted
from compared
where attempts > known or accepted > is_sent::integer or is_sent and accepted + uncertain = 0 or is_uncertain and uncertain = 0
order by id;
