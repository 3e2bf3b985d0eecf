"""What must hold of the messages of cases at rest, whatever was done to them: each resolution, order and member exactly once."""

from collections import Counter, defaultdict

BEGIN = {"dispatch", "assist", "offer", "redo", "needs_human", "review", "follow_up", "transfer", "return_request",
         "extension_request", "suspension_request", "termination_request", "adjudicate"}
END = {"withdraw", "closed"}
ONCE = ("dispatch", "assist")
# What only who has the order hears; other notices also reach units above, and a refusal anybody who acts.
WHILE_OPEN = {"remind", "breach", "accepted", "granted", "request_refused", "resumed", "assist_done", "due_changed"}
ENDS_FOR_PUBLISHERS = ("closed", "transferred")


def by_case(messages):
    found = defaultdict(list)
    for m in messages:
        found[m["case"]].append(m)
    return found


def expected_resolutions(events):
    """The ids of the resolutions that one case's events call for."""
    lead, found = None, []
    for e in events:
        if e["kind"] == "dispatched":
            lead = e["new"]["order"]
        if e["kind"] in ENDS_FOR_PUBLISHERS:
            found.append(f"{e['case']}.{e['seq']}.resolution")
        elif e["kind"] == "suspended" or (e["kind"] == "extended" and e["new"]["order"] == lead):
            found.append(f"{e['case']}.{e['seq']}.resolution.{e['kind']}")
    return found


def check_resolutions(events, resolutions, problems):
    told = by_case(resolutions)
    for case, found in by_case(events).items():
        wanted, is_ = expected_resolutions(found), [r["id"] for r in told.pop(case, [])]
        if is_ != wanted:
            problems.add("resolutions", f"{case}: {is_} instead of {wanted}")
    for case in told:
        problems.add("resolution of nobody", case)
    for r in resolutions:
        if r["final"] == (r["outcome"] in ("extended", "suspended")):
            problems.add("final", f"{r['id']}: {r['outcome']}")


def check_order_lives(orders, problems):
    """orders: as each unit's queue has them. Begun before it ends, ended once, begun anew only as what may come again."""
    is_open, times = {}, Counter()
    for o in orders:
        key, kind = (o["order"], o["unit"]), o["kind"]
        if kind in BEGIN:
            is_open[key] = True
            times[key, kind] += 1
        elif kind in END and not is_open.get(key):
            problems.add("ended what is not open", f"{o['id']}: {kind} of {key}")
        elif kind in WHILE_OPEN and o.get("role") in ("lead", "assist") and not is_open.get(key):
            problems.add("told after the end", f"{o['id']}: {kind} of {key}")
        if kind in END:
            is_open[key] = False
    for (key, kind), n in times.items():
        if kind in ONCE and n != 1:
            problems.add("begun twice", f"{key}: {n} times {kind}")
    return {key for key, value in is_open.items() if value}


def check_nothing_left(events, open_orders, problems):
    """A case that is over has no open order, but an emergency line may still owe its word."""
    for case, found in by_case(events).items():
        stage = [e["new"]["stage"] for e in found if "stage" in e["new"]][-1:]
        left = [key for key in open_orders if key[0].startswith(case)]
        if stage in (["CLOSED"], ["MERGED"]) and left:
            problems.add("order without end", f"{case} is {stage[0]}: {left}")


def check_members(events, problems):
    """Each member is known to its master and only to it; with the master's end it has its own."""
    members, master, ends, closed = defaultdict(set), {}, Counter(), set()
    for case, found in by_case(events).items():
        for e in found:
            kind, new = e["kind"], e["new"]
            if kind == "member_added":
                members[case].add(new["member"])
            elif kind == "member_removed":
                members[case].discard(new["member"])
            elif kind == "merged":
                master[case] = new["master"]
            elif kind == "unmerged":
                master.pop(case, None)
            elif kind == "closed":
                ends[case] += 1
            if "stage" in new:
                (closed.add if new["stage"] == "CLOSED" else closed.discard)(case)
    known = {(m, case) for case, found in members.items() for m in found}
    for member, case in known ^ set(master.items()):
        problems.add("member", f"{member} of {case}: only {'the master' if (member, case) in known else 'the member'} knows")
    for member, case in known:
        if case in closed and not ends[member]:
            problems.add("member without a result", f"{member}, of {case}, which is closed")


def check_cases(events, orders, resolutions, problems):
    """All of it. events, resolutions: of all cases; orders: of all units' queues, each queue in its order."""
    check_resolutions(events, resolutions, problems)
    check_nothing_left(events, check_order_lives(orders, problems), problems)
    check_members(events, problems)
