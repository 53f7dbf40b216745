"""TF-IDF over character n-grams and a linear support vector machine, the usual peer, on folds given in a file.

usage: compare.py FOLDS.csv TOLD.csv   (columns text, label, fold)
Writes what three usual settings tell of each text into TOLD.csv, a column each, and prints for each setting its time for
a message in one batch and one at a time, as messages come in line, in microseconds.
"""

import csv
import sys
import time

from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.pipeline import make_pipeline
from sklearn.svm import LinearSVC

# Messages that are judged one at a time in each fold.
ALONE = 100

SETTINGS = {
    "1-3": dict(ngram_range=(1, 3)),
    "1-3 sublinear, 2 texts at least": dict(ngram_range=(1, 3), sublinear_tf=True, min_df=2),
    "1-4 sublinear, 2 texts at least": dict(ngram_range=(1, 4), sublinear_tf=True, min_df=2),
}


def main(path, told_path):
    with open(path, encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    texts = [row["text"] for row in rows]
    labels = [row["label"] for row in rows]
    folds = [row["fold"] for row in rows]
    columns = {}
    for name, setting in SETTINGS.items():
        predicted = [None] * len(rows)
        spent = alone = 0.0
        for fold in sorted(set(folds)):
            model = make_pipeline(TfidfVectorizer(analyzer="char", **setting), LinearSVC())
            train = [i for i, f in enumerate(folds) if f != fold]
            test = [i for i, f in enumerate(folds) if f == fold]
            model.fit([texts[i] for i in train], [labels[i] for i in train])
            start = time.perf_counter()
            told = model.predict([texts[i] for i in test])
            spent += time.perf_counter() - start
            for i, label in zip(test, told):
                predicted[i] = label
            start = time.perf_counter()
            for i in test[:ALONE]:
                model.predict([texts[i]])
            alone += (time.perf_counter() - start) / len(test[:ALONE])
        columns[name] = predicted
        print(f"{spent * 1e6 / len(rows)} {alone * 1e6 / len(set(folds))}")
    with open(told_path, "w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(columns)
        writer.writerows(zip(*columns.values()))


main(sys.argv[1], sys.argv[2])
