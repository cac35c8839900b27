-- The one function that may count private answers (DECISIONS 9). It is owned by range_reader, a role that nobody can
-- sign in as: under forced row security a function owned by the tables' owner would see no row.
--
-- It writes what may be shown and returns how many items that is; it never returns an answer or a count of fewer than
-- five people. Each call is a closing of its own, compared with what was shown before, so calling it twice around one
-- person's change shows nothing new:
--   a range appears from five people who gave a level;
--   once a range of the item has been shown, another appears only if none or at least five of its answers changed
--   (otherwise the old one stays and is marked late_answers);
--   executive and non-executive ranges appear only if each side has five, the people on neither side are none or
--   five, and no side differs from what was shown before by one to four answers; once withheld they stay withheld.
create or replace function assessment.count_views(wanted_round uuid) returns integer
language plpgsql volatile security definer
set search_path = assessment, pg_temp
as $$
declare
    this_closing integer;
    shown_items integer;
begin
    if not exists (select from round r where r.id = wanted_round and r.state = 'open') then
        raise exception 'No such round is open.' using errcode = 'no_data_found';
    end if;
    select coalesce(max(c.number), 0) + 1 into this_closing from closing c where c.round_id = wanted_round;
    insert into closing (tenant_id, org_id, round_id, number, people, executives, non_executives)
        select r.tenant_id, r.org_id, r.id, this_closing,
               array(select p.person_id from respondent p where p.round_id = r.id and not p.removed),
               array(select p.person_id from respondent p where p.round_id = r.id and not p.removed and p.executive),
               array(select p.person_id from respondent p where p.round_id = r.id and not p.removed and not p.executive)
        from round r where r.id = wanted_round;

    with last_seen as (
        select i.*, c.people, c.executives, c.non_executives
        from item_range i
        left join closing c on c.tenant_id = i.tenant_id and c.round_id = i.round_id and c.number = i.seen_in
        where i.round_id = wanted_round
    ), views as (
        -- One row a person and item: what counts now, and what the last shown range of the item counted.
        select a.tenant_id, a.org_id, a.item_id, a.person_id,
               case when not p.removed then a.level end as level,
               not p.removed and a.cannot_judge as cannot_judge,
               case when p.removed then 'out' when p.executive then 'executive' when not p.executive then 'other'
                    else 'neither' end as side,
               case when a.person_id = any (s.people) then
                   case when a.saved_in >= s.seen_in then a.counted_level else a.level end end as level_before,
               coalesce(a.person_id = any (s.people) and
                   case when a.saved_in >= s.seen_in then a.counted_cannot_judge else a.cannot_judge end, false)
                   as cannot_judge_before,
               case when a.person_id = any (s.executives) then 'executive'
                    when a.person_id = any (s.non_executives) then 'other' else 'neither' end as side_before
        from answer a
        join respondent p on p.tenant_id = a.tenant_id and p.round_id = a.round_id and p.person_id = a.person_id
        left join last_seen s on s.tenant_id = a.tenant_id and s.item_id = a.item_id
        where a.round_id = wanted_round
    ), counted as (
        select tenant_id, org_id, item_id,
               count(level) as gave_level,
               (count(*) filter (where cannot_judge))::int as cannot_judge,
               count(*) filter (where (level, cannot_judge) is distinct from (level_before, cannot_judge_before))
                   as changed,
               array[(count(*) filter (where level = 1))::int, (count(*) filter (where level = 2))::int,
                     (count(*) filter (where level = 3))::int, (count(*) filter (where level = 4))::int,
                     (count(*) filter (where level = 5))::int] as levels
        from views group by tenant_id, org_id, item_id
    ), sides as (
        -- Each side of the board by itself; a side that is nobody's, or nobody's change, gives nothing away.
        select v.item_id, x.side,
               count(v.level) filter (where v.side = x.side) as gave_level,
               count(*) filter (where (case when v.side = x.side then v.level end)
                   is distinct from (case when v.side_before = x.side then v.level_before end)) as changed,
               array[(count(*) filter (where v.side = x.side and level = 1))::int,
                     (count(*) filter (where v.side = x.side and level = 2))::int,
                     (count(*) filter (where v.side = x.side and level = 3))::int,
                     (count(*) filter (where v.side = x.side and level = 4))::int,
                     (count(*) filter (where v.side = x.side and level = 5))::int] as levels
        from views v cross join (values ('executive'), ('other'), ('neither')) x (side)
        group by v.item_id, x.side
    ), split as (
        select item_id,
               bool_and(gave_level >= 5 or side = 'neither' and gave_level = 0) as large_enough,
               bool_and(changed = 0 or changed >= 5) as safe_to_compare,
               (array_agg(levels) filter (where side = 'executive'))[1:1] as executive_levels,
               (array_agg(levels) filter (where side = 'other'))[1:1] as other_levels
        from sides group by item_id
    ), decided as (
        select c.*, coalesce(s.seen_in, 0) as seen_in,
               case when c.gave_level < 5 then 'hidden'
                    when coalesce(s.seen_in, 0) = 0 or c.changed = 0 or c.changed >= 5 then 'new'
                    when s.shown then 'kept'
                    else 'hidden' end as outcome,
               p.large_enough and (coalesce(s.seen_in, 0) = 0 or s.executive_counts is not null and p.safe_to_compare)
                   as split_may_show,
               array(select unnest(p.executive_levels)) as executive_levels,
               array(select unnest(p.other_levels)) as other_levels
        from counted c
        join split p on p.item_id = c.item_id
        left join last_seen s on s.tenant_id = c.tenant_id and s.item_id = c.item_id
    ), kept as (
        update item_range i set late_answers = true
        from decided d
        where d.outcome = 'kept' and i.tenant_id = d.tenant_id and i.round_id = wanted_round and i.item_id = d.item_id
    )
    insert into item_range (tenant_id, org_id, round_id, item_id, seen_in, shown, level_counts, cannot_judge,
                            executive_counts, non_executive_counts, late_answers)
        select tenant_id, org_id, wanted_round, item_id,
               case when outcome = 'new' then this_closing else seen_in end,
               outcome = 'new',
               case when outcome = 'new' then levels end,
               case when outcome = 'new' then cannot_judge end,
               case when outcome = 'new' and split_may_show then executive_levels end,
               case when outcome = 'new' and split_may_show then other_levels end,
               outcome = 'hidden' and seen_in > 0 and changed > 0
        from decided where outcome <> 'kept'
    on conflict (tenant_id, round_id, item_id) do update
        set seen_in = excluded.seen_in, shown = excluded.shown, level_counts = excluded.level_counts,
            cannot_judge = excluded.cannot_judge, executive_counts = excluded.executive_counts,
            non_executive_counts = excluded.non_executive_counts, late_answers = excluded.late_answers;

    select count(*) into shown_items from item_range i where i.round_id = wanted_round and i.shown;
    return shown_items;
end
$$;

alter function assessment.count_views(uuid) owner to range_reader;
revoke all on function assessment.count_views(uuid) from public;
grant execute on function assessment.count_views(uuid) to app_assessment;
