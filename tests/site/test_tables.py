"""Tables that become cards on a phone: each cell knows the heading of its column."""

from __future__ import annotations

from tables import labelled

HEAD = "<thead><tr><th>symptom</th><th>usual <em>cause</em></th></tr></thead>"
ROWS = '<tr><td>flat</td><td style="x">depth</td></tr><tr><th>NaN</th><td>1</td></tr>'
BODY = f"<tbody>{ROWS}</tbody>"


def test_every_cell_of_a_stacked_table_is_labelled():
    made = labelled(f'<div class="gm-stack"><table>{HEAD}{BODY}</table></div>')
    assert HEAD in made
    assert '<td data-label="symptom">flat</td>' in made
    assert '<td data-label="usual cause" style="x">depth</td>' in made
    assert '<th data-label="symptom">NaN</th>' in made


def test_other_tables_stay_as_they_are():
    page = f"<table>{HEAD}{BODY}</table>"
    assert labelled(page) == page


def test_labels_stay_inside_their_quotes():
    head = '<thead><tr><th>say &quot;no&quot; & "go"</th></tr></thead>'
    table = f"<table>{head}<tr><td>1</td></tr></table>"
    made = labelled(f'<div class="a gm-stack b">{table}</div>')
    assert 'data-label="say &quot;no&quot; &amp; &quot;go&quot;"' in made
