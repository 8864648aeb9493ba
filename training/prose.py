"""What the pages in docs/evaluation say around their tables."""

HEAD = """# How well the model codes sentences

Written by `python -m training.evaluate --data ../shared/data`; do not edit by hand.

- Model: {version}, the int8 file, through the adapter the product uses, one text at a time on one thread.
- Data: *portal dev*, 850 dated news texts (600 of 2021 to 2023, the rest rich in de-escalation) from the Wikipedia
  Current Events portal (CC BY-SA 4.0, public repository ianrastall/current-events-context); *contrast dev*, 294
  texts of our own in which small changes turn the meaning, by another author than the contrast texts trained on.
- Split: no text of either set, nor nearly the same one, is in the training data; portal dev shares its years with
  it. Both sets served to choose the model and to fit its temperatures, so the figures flatter it; the calibration
  error most of all.
- Labels: made by language models reading with a guide, not by people. Two passes over 600 texts agree on the signal
  in 98 %; that overstates how reliable the labels are. Roles are weaker still: they are read from the lists of
  actors, recipients and places of the whole text, not marked name by name.
- Brackets: 95 % bootstrap interval over texts (for roles over names), 1,000 draws, seed {seed}. *Inversions*: texts
  with a direction that got the opposite one. *Aside*: third party or mere mention, which these labels do not tell
  apart.

## Figures
"""
FAMILIES = """
## By family

Families are tagged by key words, once (`training/annotated/families.json`); a text can have several. Brackets here:
Wilson's 95 % interval of a share.
"""
CONTEXT = """
## Alone or with what stands before

Events of ten full articles (`articles.jsonl`, coded by one coder), each looked up in its sentence. The model was
trained on single texts; the product reads sentences alone, which nothing here beats.
"""
EXCHANGED = """
## Other countries in the same texts

Names of countries, their adjectives and capitals are exchanged for those of random other countries, three times a
text; names of groups, bodies and other towns stay. What the model knows of who fights whom would show here.
"""
FAITHFUL = """
## The words that decided

Every coding names words by what they add to the chosen signal's logit: the signal head is linear in the mean of the
tokens, so the addends of all tokens and a constant are the logit, exactly and without another pass. A token has
seen its neighbours, so its addend is not its own alone. Whether the words matter is measured by deleting the three
heaviest, and three random ones, from texts told as escalation or de-escalation.
"""
PLV = """
## PLV, human-coded sentences

{texts} sentences with one PLOVER root each, coded by people: the test part of snowood1/Zero-Shot-PLOVER (ACL 2024),
never trained on and not used to choose anything. Its train part is trained on; texts that nearly are those of the
test part are barred from all training. A text is given the likeliest root other than NONE; conflict or cooperation
follows from the root.
"""
CEILING = """
## The ceiling
"""
SPEED = """
## Speed and size

From `python -m bench.coder > docs/evaluation/speed.json`: best of three runs, one core, beside `transformers` with
torch on the same encoder in the same run.
"""
CALIBRATION = """
## Calibration

Expected calibration error over ten bins of the first choice; Brier score summed over labels. One temperature a
head, fitted on these same texts with the int8 file; beside it the error when every text is given the temperature
fitted on the other half of its set.
"""
ABSTAINING = """
## Thresholds

What `model.threshold` does: precision and recall of texts told as escalation or de-escalation with the right
direction, and the share of directed texts told with the wrong one.
"""
BASELINES = """
## Beside simpler ways

One run of `python -m training.against --data ../shared/data`: every method reads the same texts on the same core.
TF-IDF and the frozen encoder with logistic regression are trained on `labels/train.jsonl`; the others need no
training. `detente` is the whole command `detente classify`, with names, rules and roles, so it does more than the
others in the same time.
"""
CURVE = """
## Learning curve

The plain recipe for two epochs on ever more labelled texts, drawn at random from the 33,946 of the shipped model;
float32, one seed. More texts still help; the shipped model has three epochs over all of them, two teachers and 12,000
texts without labels on top.
"""
ABLATIONS = """
## What was tried

One training run a row by `python -m training.ablation` from the plain recipe (`training/recipe.py`) on 6,000 texts
drawn from the 27,480 labelled at that time, float32. All rows were read while the recipe was chosen. *Plain* stands
there with three seeds: .03 in a macro-F1 of contrast dev, and .02 of portal dev, is noise, and few rows differ by more.
What one can read off: other heads cost the signal nothing; low-rank training is worse than full on small changes of
meaning; text by text, no loss and no weighting beats the plain ones. What moved the figures was labels: the 6,500 texts
added last took contrast dev from .882 to .929 and the type on portal dev from .736 to .781. The mean of three models
hardly beats one (of the shipped model's two teachers and itself, in float32 and before the last lessons: .900 and .913
against .893 and .920 for itself), and it is no better than its teachers (.884 and .925, .894 and .916): self-training
on texts without labels and distilling neither helped nor harmed here. Guessing hidden words first was tried
before these rows, on 8,000 texts at a rate of 1e-4: .010 less on portal dev, .012 more on contrast dev.
"""
ERRORS = """
## What it gets wrong

{wrong} of {of} contrast texts have the wrong signal. The surest errors, inversions first:
"""
CONFUSIONS = """
## Confusion

Rows are labels, columns what the model read.
"""
MODES = """# Which mode an event gets

Written by `python -m training.modes --data ../shared/data`; do not edit by hand.

The mode (`ASSAULT.aerial`, `SANCTION.recall`) decides the intensity of an event by the table of types. Here root,
signal and level are those of the labels, so that only the choice of the mode under the root is measured.

- Model: {model}. Heads read its sentence vector and the level, and may choose only among the types of the root.
- Labels: `training/annotated/modes*.txt`, made by a language model in one reading, not by people. A text that no type
  of its root fits was left out. What a strike is done with comes first: rockets, drones and aircraft are `aerial`,
  shells `artillery`, bombs and attacks of armed groups on civilians `terror`, arms between armed sides and shots
  fired by forces `clash`, towns taken and land entered `invasion`. Bans, curfews, tear gas and verdicts are
  `COERCE.arrest`, the mildest row of that root; damaged property is `COERCE.seize`. An apology is `SUPPORT.praise`.
- *portal*: drawn at random by root from the training labels, every second text for training. The test half was read
  by the same reader before the lexicon was mended, which flatters the lexicon; the encoder was trained on these
  texts, though not on their modes, which flatters the heads.
- *portal dev*: drawn and labelled after the lexicon had been mended, before it was run on them, by the reader who had
  mended it: what both take for granted does not show. The encoder was not trained on these texts. One word was added
  since, for an error here: *shell* as a verb (.853 without it). These figures are the ones to believe.
- *own lines*: hard ones, two or more a type, most of them without the usual word. Their writer knew the lexicon.
- Training: {read} texts read, and {weak} for whose text the words of the lexicon name one type only.
- Brackets: 95 % bootstrap interval over texts, 1,000 draws, seed {seed}. *Macro-F1* is over the types that occur.

## The ways side by side

*Typical type of the level* looks at no word. The lexicon is what ships. *Root and level told by the model* is the
lexicon as the product asks it, with the signal given: beside the row *lexicon* it shows what wrong roots and levels
cost.
"""
MODES_APART = """
Each beside the lexicon on the same texts; minus in the last column means nearer than the lexicon:
"""
MODES_ROOTS = """
## The lexicon, root by root

All test texts together. Brackets: Wilson's 95 % interval of a share.
"""
MODES_WRONG = """
## Own lines that the lexicon gets wrong
"""
EVENTS = """# Who did what to whom, where

Written by `python -m training.events --data ../shared/data`; do not edit by hand.

Model {model}, {gazetteer}, the whole way that `detente classify` and `detente explain` go: names, model, rules.

- Data: the development sets of [the model](coder.md), with the same cautions; and ten original full articles, invented
  but like real news, coded event by event by one coder without a second reader: 87 events with a direction. Three of
  the ten are look-alikes (a game, a trade dispute, a museum). Six further articles of our own (49 events; two
  look-alikes, a forest fire and an anniversary) are coded likewise, in `training/annotated/articles.jsonl`.
- Rules of reading were written with an eye on both, so the figures flatter; those of the articles most.
- Actors, recipients and places of short texts are read from the labels of the whole text: two passes by language models
  agree on them in 93, 88 and 92 %. Armed groups and people stand for their state.
- Brackets: 95 % interval, of shares Wilson's, of the others by bootstrap over texts (1,000 draws, seed {seed}).
"""
SHORT = """## Short texts

Directions here are those after the rules, which see dates, questions and games; the model's own stand on its page.
"""
SIDES = """
A pair is right when the label has the same two states as sides. The simple ways use our names; none of them reads
whether there is an act at all. Where one side of a pair only acts and the other only gets, the last column says how
often it is told the right way round, of the pairs told one way or the other.
"""
PLACES = """
Places are countries in which the act happens or on which it bears: those named as its scene, or else those of its
sides.
"""
NAMES = """
### Roles, name by name

Each country that our names find in a text of portal dev with a direction, once a text: its role by the label's lists
of actors, recipients and places, and by those told after the model's role head and the rules. *Both* is who does it and
has it done, as the sides of an agreement; *place* is no side but the scene; *none* is on no list. Groups, people,
regions and towns stand for their state; bodies such as the UN are left out. Brackets: Wilson's 95 % interval of the
share of names with the role in both, of those with it in either, put as F1.
"""
NAMES_LEFT = """
*None* holds third parties (brokers, hosts, backers, commenters) and mere mentions alike: the lists do not tell them
apart, so neither does this table. The lists are of the text, not of a name: of a country named twice only the sum of
its roles is known, and a place that is also a side is counted as the side. A state and its own people or rebels are
*both* by the lists, and told as one of the two where the text has no name for them: most of what *both* misses.
"""
ARTICLES = """
## Whole articles

An event counts as found when one is told in the clause of its quotation with its direction, and as told rightly the
other way round. Where a clause holds two, one event finds both; the third figure counts every event told once. The same
figures are printed, and floors under them held, by `tests/golden/test_shared_articles.py`.

Our own were written and coded before the rules for whole articles of November 2026, and read at first with what stood
then: 38 of 49 events found, 35 of 51 told rightly, 27 of 38 dyads, two of six articles with no bystander moved. The
rules were then made with both sets in view, so neither column is unseen.
"""
ARTICLES_BESIDE = """
The simple ways read the clauses of the shared articles one by one. The first two take the direction from our model,
which is not asked about clauses without any word of an act; the dictionary has its own.
"""
EVENTS_WRONG = """
## What goes wrong

One event is told for each clause, so a clause with several acts loses all but one; which sentences are cut into clauses
is [told elsewhere](../concepts/pipeline.md#several-acts-in-one-sentence). A title and the lead that says the same in
other words are told as two events. What an article takes back or doubts is often told as an act of today. Sides that
nobody names in the text, which the labels know from the news, are not found: some 27 of 387 pairs of the short texts.
The rules that spare whole articles false events cost true ones elsewhere: in the body of articles put together from 841
labelled texts, 774 of the texts with a direction are found, without the rules 780.
"""

BACKTEST = """# Would it have told in time?

{summary}

*In time* is from the day before the start to the third day after it. How news is weighed was chosen on earlier years.

![share of the known episodes caught, by alarms a day](backtest.png)

*How to read it: further left means fewer alarms, further up more episodes caught. The thick line is Detente, the
rings are what was aimed at, the dashed line is what random days would catch.*

{table}

## How it was measured

Written by `python -m training.backtest --data ../shared/data`; do not edit by hand. {versions}.

- {articles} dated news lines of 2002 to 2023, coded the whole way, from [a source named
  here](../data.md#series-beside-which-the-scores-were-held).
- Known episodes between two countries. What counts on a dyad, and how, was chosen on those of 2003 to 2014; those of
  2015 to 2023 are reported.
- The reported years are not untouched: the coder learnt from labelled lines of all years, and what it had missed was
  read and mended where a general rule could be had. The threshold of each method is set on the reported days, for all
  alike.
- Every method gets as many pages as the budget allows, and all are counted in [one
  way](../decisions/0028-alarms-are-pages-at-equal-budgets.md): a page hits from one day before the start to three
  days after it. An alarm that was on before hits nothing.
- *Chance* is recall at 30 random days for each episode, on the same dyad. *Lift* is recall less chance. *p*: exact
  paired test against ours, on the same episodes, not corrected for the number of tests. Brackets: 95 % bootstrap over
  dyads, 1,000 draws, seed 7.
- Methods on countries hit by a page on either country, which makes it easier for them; their chance shows by how
  much.
- *any item* is the naive rule: any text of that direction whose first two countries are the dyad. *random*: any text
  with the dyad as its first two countries, drawn by lot. *level alone*: ours with the level in place of the surge.
- The list of episodes is short and ours, checked against the lines themselves, so what no line told of is rare in it.
  Most pages that stand in no episode of the list are no false alarms: the list is no record of all hostility. How
  many pages are right is told by reading them, below.
- Days run from midnight to midnight UTC, and a line has a day, no hour: delays are whole days, and a page may come a
  day before the start.
"""

BACKTEST_MISSED = """At half an alarm a day. *Coder*: the lines that name both sides have no event of the direction.
*Dyad*: they have, on other sides. *Threshold*: there was news, but too little. *Usual*: there was enough, but the
pair had had as much in the 90 days before, or an alarm was on already.
"""

AUDIT = """{each} pages of each direction were drawn from all of {first} to {last} at {budget:g} a day, in known
episodes and out of them, and read by a language model, one pass, by what the news lines say. It saw subject,
direction, day and the lines, and nothing of scores or episodes; it knew how pages come about. No person
checked it. Pages that changes of the coder brought in were read later, when the figures of the others were known.
Another reader may differ, above all on *arguable*. *Right*: an act of that time, of that direction,
between these two (or those who act for them or from their land), of which somebody who watches the pair for organised
violence would want to hear. *Arguable*: in doubt on one of these. *Wrong*: it fails one. Brackets: Wilson 95 %. The
verdicts stand in `training/annotated/audit.txt`; `python -m training.audit --draw FILE` writes the pages that still
want a reader.
"""

AUDIT_FAULTS = """What was the matter with the others. *Slight*: true, but nothing to wake anybody. *Partners*: the
two act together, or one helps the other; there is no quarrel between them. *Other sides*: the quarrel is between
others, such as a host or a caller taken for a side. *Direction*: neither way, or both. *Kind*: no hostile act.
"""

STRENGTH = """The same pages in thirds by how strong the score was, at {budget:g} a day.

![share of pages that are right, by strength of the score](backtest-strength.png)
"""

SANITY = """Beside series that others made from other newspapers: GDELT's daily events between India and Pakistan, and
the Geopolitical Risk index of Caldara and Iacoviello, which counts articles about war and threats, mostly in
English-language papers ([sources](../data.md#series-beside-which-the-scores-were-held)). These are no truth to be
reached: they count how much is written, we weigh what was done. India and Pakistan have escalation in {told} of our
{weeks} weeks, as there are but thirteen lines a day for the whole world. So the series should go together, and
cannot go together closely. Rank correlation with 95 % by block bootstrap (blocks of eight weeks or of a year).
*Chance reaches*: the 95th percentile of its size when one series is turned against the other; a correlation below
that may be luck. *Turned*: the sign is changed, so that more is worse.
"""
