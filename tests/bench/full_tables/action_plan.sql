-- 25 plans a trust, 4 priorities a plan, 10 actions a priority, 5 changes an action: a million rows.
insert into plan (tenant_id, org_id, id, round_id, question_set_id, state, version, revision, aim, items, suggestions,
  agreed_on, drafted_at, closed_at, close_code)
select tenant_id, org_id, gen_random_uuid(), gen_random_uuid(), 'trust-2026-1',
  case when n = 1 then 'approved' else 'closed' end, 3, 1, 'What the board aims at.', '[]', '[]',
  current_date - n * 30, now() - n * interval '30 days', case when n > 1 then now() end,
  case when n > 1 then 'superseded' end
from trusts cross join generate_series(1, 25) n;
insert into priority (tenant_id, org_id, id, plan_id, item_id, practice_id, title, position)
select tenant_id, org_id, gen_random_uuid(), id, 'i' || n, 'p1', 'What comes first.', n
from plan cross join generate_series(1, 4) n;
insert into action (tenant_id, org_id, id, plan_id, priority_id, title, owner_id, due_on, status, next_step,
  blocked_by, stopped_reason, version, created_by, created_at, changed_at)
select p.tenant_id, p.org_id, gen_random_uuid(), p.plan_id, p.id, 'Do it.', lead.person_id, current_date + n,
  'on_track', 'Next.', '', '', 1, lead.person_id, now(), now()
from priority p join holders lead on lead.org_id = p.org_id and lead.role = 'improvement-lead'
cross join generate_series(1, 10) n;
insert into action_change (tenant_id, org_id, id, action_id, at, person_id, version, changes)
select tenant_id, org_id, gen_random_uuid(), id, now(), owner_id, n, '[]'
from action cross join generate_series(1, 5) n
