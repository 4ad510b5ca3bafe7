-- name: list_variants
-- The variants of these campaigns' steps that are not removed, each with the id of its step in front, in their order.
select v.step_id, v.id, v.subject, v.body_html, v.body_text, v.weight, v.updated_at
from step_variants v
join sequence_steps s on s.workspace_id = v.workspace_id and s.id = v.step_id
where v.workspace_id = :workspace_id and s.workspace_id = :workspace_id and s.campaign_id = any(:campaign_ids) and v.removed_at is null
order by v.step_id, v.position;

-- name: save_variants!
-- New ones and changed ones.
insert into step_variants (workspace_id, id, step_id, position, subject, body_html, body_text, weight, updated_at)
select :workspace_id, d.id, d.step_id, d.position, d.subject, d.body_html, d.body_text, d.weight, d.updated_at
from unnest(:ids::uuid[], :step_ids::uuid[], :positions::smallint[], :subjects::text[], :bodies_html::text[], :bodies_text::text[],
            :weights::double precision[], :updated_ats::timestamptz[])
  as d (id, step_id, position, subject, body_html, body_text, weight, updated_at)
on conflict (workspace_id, id) do update
set position = excluded.position, subject = excluded.subject, body_html = excluded.body_html, body_text = excluded.body_text,
    weight = excluded.weight, updated_at = excluded.updated_at;

-- name: remove_variants!
-- They get no message any more; what went out with them stays in the books.
update step_variants set removed_at = :now where workspace_id = :workspace_id and id = any(:ids) and removed_at is null;

-- name: restart_rotations!
-- The weights of these steps are others now: the rotation counts from here.
update variant_totals set rotated = 0 where workspace_id = :workspace_id and step_id = any(:step_ids);

-- name: list_options
-- What messages of these steps may be made of, the step's own words first, with what became of each so far.
select s.id as step_id, s.id, -1 as position, s.subject, s.body_html, s.body_text, s.weight, c.variant_choice as mode,
       coalesce(t.rotated, 0) as rotated, coalesce(t.assigned, 0) as assigned, coalesce(t.sent - t.bounced, 0) as delivered,
       coalesce(t.replied, 0) as replied
from sequence_steps s
join campaigns c on c.workspace_id = s.workspace_id and c.id = s.campaign_id
left join variant_totals t
  on t.workspace_id = :workspace_id and t.workspace_id = s.workspace_id and t.step_id = s.id and t.variant_id = s.id
where s.workspace_id = :workspace_id and c.workspace_id = :workspace_id and s.id = any(:step_ids)
union all
select v.step_id, v.id, v.position, coalesce(nullif(v.subject, ''), s.subject), v.body_html, v.body_text, v.weight, c.variant_choice,
       coalesce(t.rotated, 0), coalesce(t.assigned, 0), coalesce(t.sent - t.bounced, 0), coalesce(t.replied, 0)
from step_variants v
join sequence_steps s on s.workspace_id = v.workspace_id and s.id = v.step_id
join campaigns c on c.workspace_id = s.workspace_id and c.id = s.campaign_id
left join variant_totals t
  on t.workspace_id = :workspace_id and t.workspace_id = v.workspace_id and t.step_id = v.step_id and t.variant_id = v.id
where v.workspace_id = :workspace_id and s.workspace_id = :workspace_id and c.workspace_id = :workspace_id
  and v.step_id = any(:step_ids) and v.removed_at is null
order by 1, 3;

-- name: assign_variants!
-- What these messages were given; it stays with them through every attempt.
update messages m set variant_id = d.variant_id
from unnest(:enrollment_ids::uuid[], :step_ids::uuid[], :variant_ids::uuid[]) as d (enrollment_id, step_id, variant_id)
where m.workspace_id = :workspace_id and m.enrollment_id = any(:enrollment_ids::uuid[])
  and m.enrollment_id = d.enrollment_id and m.step_id = d.step_id;

-- name: add_variant_totals!
-- Every change of a batch at once; a message that is given other words than before counts there instead.
insert into variant_totals (workspace_id, step_id, variant_id, assigned, rotated, sent, bounced, replied)
select :workspace_id, d.step_id, d.variant_id, d.assigned, d.rotated, d.sent, d.bounced, d.replied
from unnest(:step_ids::uuid[], :variant_ids::uuid[], :assigned::bigint[], :rotated::bigint[], :sent::bigint[], :bounced::bigint[],
            :replied::bigint[])
  as d (step_id, variant_id, assigned, rotated, sent, bounced, replied)
on conflict (workspace_id, step_id, variant_id) do update
set assigned = variant_totals.assigned + excluded.assigned, rotated = variant_totals.rotated + excluded.rotated,
    sent = variant_totals.sent + excluded.sent, bounced = variant_totals.bounced + excluded.bounced,
    replied = variant_totals.replied + excluded.replied;

-- name: list_results
-- Of a campaign's steps that have or had variants: what became of the messages of each, the step's own words first. A variant that was
-- removed is shown, without a weight, if a message was given it.
select s.id as step_id, d.variant_id, d.weight, coalesce(t.assigned, 0) as assigned, coalesce(t.sent, 0) as sent,
       coalesce(t.bounced, 0) as bounced, coalesce(t.replied, 0) as replied
from sequence_steps s
cross join lateral (
  select null::uuid as variant_id, s.weight, -1 as position, false as is_removed
  where exists (select from step_variants x where x.workspace_id = :workspace_id and x.step_id = s.id)
  union all
  select v.id, case when v.removed_at is null then v.weight else 0 end, v.position, v.removed_at is not null
  from step_variants v where v.workspace_id = :workspace_id and v.step_id = s.id) d
left join variant_totals t
  on t.workspace_id = :workspace_id and t.workspace_id = s.workspace_id and t.step_id = s.id and t.variant_id = coalesce(d.variant_id, s.id)
where s.workspace_id = :workspace_id and s.campaign_id = :campaign_id and (not d.is_removed or t.assigned > 0)
order by s.position, d.is_removed, d.position, d.variant_id;
