-- The one function that may count private answers (docs/adr/0005). It is owned by range_reader, a role that nobody can
-- sign in as: under forced row security a function owned by the tables' owner would see no row.
--
-- It writes what may be shown and returns how many items that is; it never returns an answer or a count of fewer than
-- five people. Each call is a closing of its own, compared with what was shown before, so calling it twice around one
-- person's change shows nothing new:
--   a range appears from five people who gave a level;
--   once a range of the item has been shown, another appears only if none or at least five of its answers changed
--   (otherwise the old one stays and is marked late_answers);
--   a range appears only while nobody can be told apart by when they were asked: people who were asked at the same
--   closings, and now, are five or more. Otherwise ranges of different people, subtracted from each other, would leave
--   one person's level; the answers then have no say at all in what is shown;
--   executive and non-executive ranges appear only if the invitation said so, if each side has five, the people on
--   neither side are none or five, and no side differs from what was shown before by one to four answers. Wherever
--   answers decided about it, people are told apart by side as well: that sides were *not* shown says something of a
--   side too. Once withheld they stay withheld.
-- `tests/unit/assessment/range_rule.py` says the same with every answer known, and the tests beside it examine it.
create or replace function assessment.count_views(wanted_round uuid) returns integer
language plpgsql volatile security definer
set search_path = assessment, pg_temp
as $$
declare
    this_closing integer;
    shown_items integer;
    asked integer;
    on_neither_side integer;
    invitation_said_so boolean;
    sides_are_large boolean;
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
    select cardinality(c.people), cardinality(c.people) - cardinality(c.executives) - cardinality(c.non_executives),
           r.compares_sides, cardinality(c.executives) >= 5 and cardinality(c.non_executives) >= 5
        into asked, on_neither_side, invitation_said_so, sides_are_large
        from closing c join round r on r.tenant_id = c.tenant_id and r.id = c.round_id
        where c.round_id = wanted_round and c.number = this_closing;

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
    ), seats as (
        -- Of each item: where each person sat whenever answers had a say (before its first range: at every closing of
        -- five and more people), and where they sit today.
        select q.item_id, p.person_id,
               string_agg(case when p.person_id <> all (c.people) then '-'
                               when c.number <> all (coalesce(i.sides_weighed_in, '{}')) then '+'
                               when p.person_id = any (c.executives) then 'e'
                               when p.person_id = any (c.non_executives) then 'n'
                               else 'o' end, '' order by c.number) as seats,
               max(case when c.number < this_closing then null
                        when p.person_id = any (c.executives) then 'e'
                        when p.person_id = any (c.non_executives) then 'n'
                        else 'o' end) as side_today
        from (select distinct a.item_id from answer a where a.round_id = wanted_round) q
        left join item_range i on i.round_id = wanted_round and i.item_id = q.item_id
        join closing c on c.round_id = wanted_round
                      and (c.number = this_closing
                           or case when coalesce(i.seen_in, 0) > 0 then c.number = any (i.looked_at_in)
                                   else cardinality(c.people) >= 5 end)
        cross join (select distinct unnest(a.people) as person_id from closing a where a.round_id = wanted_round) p
        group by q.item_id, p.person_id
    ), alike as (
        select item_id, count(*) over (partition by item_id, seats) as people,
               count(*) over (partition by item_id, seats, side_today) as people_of_side
        from seats where seats ~ '[^-]'
    ), told_apart as (
        select item_id, min(people) < 5 as people, min(people_of_side) < 5 as people_of_side
        from alike group by item_id
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
               bool_and(gave_level >= 5 or side = 'neither' and on_neither_side = 0) as large_enough,
               bool_and(changed = 0 or changed >= 5) as safe_to_compare,
               (array_agg(levels) filter (where side = 'executive'))[1:1] as executive_levels,
               (array_agg(levels) filter (where side = 'other'))[1:1] as other_levels
        from sides group by item_id
    ), decided as (
        select c.*, coalesce(s.seen_in, 0) as seen_in,
               t.people as told_apart,
               case when asked < 5 or not t.people and c.gave_level < 5 then 'hidden'
                    when not t.people and (coalesce(s.seen_in, 0) = 0 or c.changed = 0 or c.changed >= 5) then 'new'
                    when s.shown then 'kept'
                    else 'hidden' end as outcome,
               invitation_said_so and sides_are_large and on_neither_side not between 1 and 4 and not t.people_of_side
                   and (coalesce(s.seen_in, 0) = 0 or s.executive_counts is not null) as sides_are_weighed,
               p.large_enough and (coalesce(s.seen_in, 0) = 0 or p.safe_to_compare) as sides_may_show,
               array(select unnest(p.executive_levels)) as executive_levels,
               array(select unnest(p.other_levels)) as other_levels
        from counted c
        join split p on p.item_id = c.item_id
        left join last_seen s on s.tenant_id = c.tenant_id and s.item_id = c.item_id
        join told_apart t on t.item_id = c.item_id
    ), kept as (
        update item_range i set late_answers = true,
            looked_at_in = i.looked_at_in || case when d.told_apart then '{}'::integer[] else array[this_closing] end
        from decided d
        where d.outcome = 'kept' and i.tenant_id = d.tenant_id and i.round_id = wanted_round and i.item_id = d.item_id
    )
    insert into item_range as i
           (tenant_id, org_id, round_id, item_id, seen_in, shown, level_counts, cannot_judge,
            executive_counts, non_executive_counts, late_answers, looked_at_in, sides_weighed_in)
        select tenant_id, org_id, wanted_round, item_id,
               case when outcome = 'new' then this_closing else seen_in end,
               outcome = 'new',
               case when outcome = 'new' then levels end,
               case when outcome = 'new' then cannot_judge end,
               case when outcome = 'new' and sides_are_weighed and sides_may_show then executive_levels end,
               case when outcome = 'new' and sides_are_weighed and sides_may_show then other_levels end,
               outcome = 'hidden' and (asked >= 5 and told_apart or seen_in > 0 and (told_apart or changed > 0)),
               case when outcome = 'new' and seen_in = 0 then
                        array(select e.number from closing e
                              where e.round_id = wanted_round and cardinality(e.people) >= 5 order by e.number)
                    when seen_in > 0 and not told_apart then array[this_closing]
                    else '{}' end,
               case when outcome = 'new' and sides_are_weighed then array[this_closing] else '{}' end
        from decided where outcome <> 'kept'
    on conflict (tenant_id, round_id, item_id) do update
        set seen_in = excluded.seen_in, shown = excluded.shown, level_counts = excluded.level_counts,
            cannot_judge = excluded.cannot_judge, executive_counts = excluded.executive_counts,
            non_executive_counts = excluded.non_executive_counts, late_answers = excluded.late_answers,
            looked_at_in = i.looked_at_in || excluded.looked_at_in,
            sides_weighed_in = i.sides_weighed_in || excluded.sides_weighed_in;

    select count(*) into shown_items from item_range i where i.round_id = wanted_round and i.shown;
    return shown_items;
end
$$;

alter function assessment.count_views(uuid) owner to range_reader;
revoke all on function assessment.count_views(uuid) from public;
grant execute on function assessment.count_views(uuid) to app_assessment;
