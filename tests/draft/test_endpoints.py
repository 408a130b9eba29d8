"""Endpoints of a draft: made where nothing can turn them round, otherwise offered as choices."""

import pytest

R = range(1, 61)


def timed(name, levels, time="time_days"):
    """Sixty patients with a time of 50 to 3,000 days and the levels of a status in turn."""
    return [f"id,{time},{name}", *(f"P{i},{i * 50},{levels[i % len(levels)]}" for i in R)]


@pytest.mark.parametrize(
    ("name", "levels"),
    [
        *(("censored", "01"), ("cens", "01"), ("Censored", ["yes", "no"]), ("zensiert", ["ja", "nein"])),
        *(("status", "012"), ("status", "01"), ("status", "12"), ("status", "123"), ("event", "019")),
        *(("vital_status", "01"), ("Vitalstatus", "12"), ("death", "12"), ("survstat", "01"), ("os", "01")),
        *(("alive", "01"), ("lebt", ["ja", "nein"]), ("event_free", "01"), ("no_relapse", "01")),
        *(("statut_vital", "01"), ("estado_vital", "01"), ("vivo", ["sí", "no"]), ("outcome", "01")),
        ("status", ["Alive", "Dead of disease", "Dead of other cause"]),
        ("status", ["alive", "relapse", "dead"]),
        ("status", ["0: alive", "1: transplant", "2: dead"]),
    ],
)
def test_codes_and_names_that_do_not_say_which_level_is_the_event(make, name, levels):
    made = make(timed(name, levels))
    assert made.protocol.endpoints == {}
    offered = made.choices("time_days") + made.choices("os") + made.choices("os_endpoint")
    n_levels = 2 if "019" in levels else len(levels)
    endpoints = [line for line in offered if "event:" in line]
    assert len(endpoints) == n_levels
    assert f"in {name} is the event" in made.questions


@pytest.mark.parametrize(
    ("name", "levels", "event"),
    [
        *(("dead", "01", "yes"), ("died", "YN", "yes"), ("death", ["TRUE", "FALSE"], "yes")),
        *(("event", "01", "yes"), ("relapse", ["yes", "no"], "yes"), ("overleden", ["ja", "nee"], "yes")),
        *(("verstorben", ["ja", "nein"], "yes"), ("exitus", ["sí", "no"], "yes"), ("décès", "01", "yes")),
        ("Status", ["Alive", "Dead"], "Dead"),
        ("status", ["0=alive", "1=dead"], "1=dead"),
        ("outcome", ["LIVING", "DECEASED"], "DECEASED"),
        ("vital_status", ["0:LIVING", "1:DECEASED"], "1:DECEASED"),
        ("Vitalstatus", ["lebend", "verstorben"], "verstorben"),
        ("statut", ["vivant", "décédé"], "décédé"),
        ("estado", ["vivo", "fallecido"], "fallecido"),
        ("stato", ["vivo", "deceduto"], "deceduto"),
        ("status", ["in leven", "overleden"], "overleden"),
        ("situação", ["vivo", "óbito"], "óbito"),
        ("status", ["Censored", "Relapse"], "Relapse"),
        ("rezidiv", ["kein Rezidiv", "Rezidiv"], "Rezidiv"),
        ("disease", ["DiseaseFree", "Recurred/Progressed"], "Recurred/Progressed"),
    ],
)
def test_words_that_say_it(make, name, levels, event):
    made = make(timed(name, levels))
    (endpoint,) = made.protocol.endpoints.values()
    assert (endpoint.time, endpoint.event[1]) == ("time_days", event)
    assert made.built.patients[f"{endpoint.name}_event"].sum() == 30


@pytest.mark.parametrize("name", ["er_status", "her2_status", "menopausal_status", "margin", "treated"])
def test_a_flag_of_something_else_is_no_status(make, name):
    made = make(timed(name, ["positive", "negative"]))
    assert made.protocol.endpoints == {}
    assert "time_days may be times; no status goes with them" in made.questions


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        ("id,months,dead", {"os": ("months", "dead")}),
        ("id,weeks,dead", {"os": ("weeks", "dead")}),
        ("id,Survival Months,dead", {"os": ("survival_months", "dead")}),
        ("id,Überlebenszeit (Monate),verstorben", {"os": ("uberlebenszeit_monate", "verstorben")}),
        ("id,survie_mois,décès", {"os": ("survie_mois", "deces")}),
        ("id,sopravvivenza mesi,decesso", {"os": ("sopravvivenza_mesi", "decesso")}),
        ("id,supervivencia_meses,fallecido", {"os": ("supervivencia_meses", "fallecido")}),
        ("id,overleving_maanden,overleden", {"os": ("overleving_maanden", "overleden")}),
        ("id,overall_survival_years,death", {"os": ("overall_survival_years", "death")}),
        ("id,progression_free_survival_months,pfs_event",
         {"pfs_endpoint": ("progression_free_survival_months", "pfs_event")}),
        ("id,pfs_months,dead", {}),
        ("id,time,dead", {}),
        ("id,time_to_surgery_days,dead", {}),
    ],
)  # fmt: skip
def test_which_time_goes_with_which_status(make, header, expected):
    made = make([header, *(f"P{i},{i}.5,{i % 2}" for i in R)])
    found = {e.name: (e.time, e.event[0]) for e in made.protocol.endpoints.values()}
    assert found == expected


def test_two_times_go_with_the_status_that_begins_alike(make):
    rows = [f"{i},{i * 40},{i % 2},{i * 50},{i % 3 % 2}" for i in R]
    endpoints = make(["pid,rtime,recur,dtime,death", *rows]).protocol.endpoints
    assert {(e.time, e.event[0]) for e in endpoints.values()} == {("rtime", "recur"), ("dtime", "death")}


def test_a_time_without_a_unit_that_may_be_months_is_not_made(make):
    made = make(["id,time,dead", *(f"P{i},{i},{i % 2}" for i in R)])
    assert "give time its unit in the codebook (days, weeks, months or years)" in made.questions
    assert len(made.choices("os")) == 1
    assert [line.split("unit: ")[1].split(",")[0] for line in made.choices("time")] == [
        *("days", "weeks", "months", "years")
    ]


@pytest.mark.parametrize(
    ("header", "time", "status"),
    [
        # as in R's survival: gbsg, ovarian, mgus2, lung
        ("rfstime,status", "rfstime", "status"),
        ("futime,fustat", "futime", "fustat"),
        ("ptime,pstat", "ptime", "pstat"),
        ("time,status", "time", "status"),
    ],
)
def test_names_of_known_data_sets_are_offered(make, header, time, status):
    made = make([f"id,{header}", *(f"P{i},{i * 50},{i % 2}" for i in R)])
    assert made.protocol.endpoints == {}
    offered = [line for line in made.content.split("\n") if line.startswith("  # ") and "event: {" in line]
    assert len(offered) == 2
    assert all(f"time: {time}, event: {{{status}:" in line for line in offered)


def test_a_calendar_year_is_no_time(make):
    made = make(["id,year,dead", *(f"P{i},{1950 + i},{i % 2}" for i in R)])
    assert made.protocol.endpoints == {}
    assert "dead may be a status; no time goes with it" in made.questions


def test_a_time_from_an_entry_on(make):
    rows = [f"{i},{i * 40},{i * 50},{i % 2}" for i in R]
    (endpoint,) = make(["pid,entry,stop,dead", *rows]).protocol.endpoints.values()
    assert (endpoint.entry, endpoint.time) == ("entry", "stop")


def test_intervals_of_patients_with_several_rows_are_not_made(make):
    rows = [f"{i // 2},{i % 2 * 900},{i % 2 * 900 + 800},{i % 2}" for i in range(60)]
    made = make(["id,tstart,tstop,event", *rows])
    assert made.protocol.endpoints == {}
    assert "patients seem to have several rows" in made.questions


GERMAN = "id;Diagnosedatum;Letzter Kontakt;Vitalstatus"


@pytest.mark.parametrize(
    ("header", "alive", "dead"),
    [
        (GERMAN, "lebend", "verstorben"),
        ("id;date_diagnostic;date_dernières_nouvelles;statut_vital", "vivant", "décédé"),
        ("id;Data diagnosi;Ultimo contatto;Stato in vita", "vivo", "deceduto"),
        ("id;Fecha diagnóstico;Fecha último contacto;Estado vital", "Viva", "Fallecida"),
        ("id;Diagnosedatum;Datum laatste contact;Vitale status", "in leven", "overleden"),
        ("id;Data do diagnóstico;Último contato;Estado vital", "vivo", "óbito"),
        ("id;dx_date;last_follow_up;vital_status", "alive", "dead"),
    ],
)
@pytest.mark.parametrize("encoding", ["utf-8", "cp1252", "utf-16"])
def test_two_dates_in_each_language(make, header, alive, dead, encoding):
    rows = [f"P{i};{i % 28 + 1:02d}.03.2015;{i % 28 + 1:02d}.03.2019;{dead if i % 2 else alive}" for i in R]
    made = make([header, *rows], encoding=encoding)
    endpoint = made.protocol.endpoints["os"]
    assert endpoint.event[1] == dead
    assert made.built.patients["os_event"].sum() == 30
    # 2015-03-02 to 2019-03-02 have a 29 February between them
    assert set(made.built.patients["os_time_days"]) == {1461.0}


def test_two_dates_that_may_start_are_offered(make):
    rows = [f"P{i},2015-03-{i % 28 + 1:02d},2015-04-11,2019-04-11,{i % 2}" for i in R]
    made = make(["id,dx_date,surgery_date,last_fu,dead", *rows])
    assert made.protocol.endpoints == {}
    assert len(made.choices("os")) == 2


def test_a_relapse_is_not_dated_by_the_last_contact(make):
    rows = [f"P{i},2015-03-{i % 28 + 1:02d},2019-04-11,{i % 2}" for i in R]
    made = make(["id,dx_date,last_fu,relapse", *rows])
    assert made.protocol.endpoints == {}
    assert "last_fu may not be the day of what relapse says" in made.questions


def test_who_is_dead_and_nothing_else(make):
    rows = [f"P{i};{i % 28 + 1:02d}.03.2015;11.03.2019;{'verstorben' if i % 2 else ''}" for i in R]
    made = make([GERMAN, *rows])
    assert made.protocol.endpoints == {}
    assert "Vitalstatus has one level: if an empty cell means the contrary" in made.questions


def test_a_date_of_death_without_a_status_is_named(make):
    rows = [f"P{i},2015-03-11,{'2018-04-11' if i % 2 else ''},2019-04-{i % 28 + 1:02d}" for i in R]
    made = make(["id,dx_date,death_date,last_contact", *rows])
    assert made.protocol.endpoints == {}
    assert "derive: known(death_date)" in made.questions
