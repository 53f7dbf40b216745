//! `shouhu text …`: trains, evaluates and tries the classifier of messages.

use std::path::Path;

use ::text::{Folds, Model, Reader, Report, Row, TrainOptions, Value};
use kernel::Timestamp;
use serde_json::json;

use crate::cli::{TextCheck, TextEval, TextTask, TextTrain};
use crate::input;
use crate::output::tell;
use crate::speech::{Exit, Fail, Failure, Lang, Outcome, texts};

/// Rows that cannot be read, of which so many are shown.
const REFUSED_SHOWN_MAX: usize = 10;

/// Trains, evaluates or checks.
///
/// # Errors
/// A file cannot be read or written, or is not what it should be.
pub fn run(task: TextTask) -> Outcome {
    match task {
        TextTask::Train(options) => train(&options),
        TextTask::Eval(options) => eval(&options),
        TextTask::Check(options) => check(&options),
    }
}

fn train(options: &TextTrain) -> Outcome {
    let rows = rows(&options.file)?;
    let train = TrainOptions {
        seed: options.seed,
        scam_labels: options.scam.clone(),
        note: format!("{} texts, seed {}", rows.len(), options.seed),
        ..TrainOptions::default()
    };
    let bytes = ::text::train(&rows, &train).map_err(|fault| unusable(&options.file, &fault))?;
    let model = Model::load(&bytes).map_err(|fault| unusable(&options.file, &fault))?;
    std::fs::write(&options.out, &bytes).map_err(|error| input::unreadable(&options.out, &error))?;
    let scams: Vec<&str> = model.classes().iter().filter(|c| c.scam).map(|class| &*class.label).collect();
    let (file, count) = (options.out.display(), rows.len());
    let (classes, features, scams) = (model.classes().len(), model.feature_count(), scams.join(", "));
    match Lang::now() {
        Lang::Zh => {
            tell!("{file}：用 {count} 条文本训练，{classes} 类，{features} 个特征，{} 字节", bytes.len());
            tell!("视为诈骗的类别：{scams}");
        }
        Lang::En => {
            tell!("{file}: trained on {count} texts, {classes} classes, {features} features, {} bytes", bytes.len());
            tell!("classes that count as scams: {scams}");
        }
    }
    Ok(())
}

fn eval(options: &TextEval) -> Outcome {
    let rows = rows(&options.file)?;
    let report = match options.folds {
        Some(folds) => {
            let train = TrainOptions { seed: options.seed, ..TrainOptions::default() };
            let folds = Folds::of(&rows, usize::from(folds), options.seed);
            ::text::cross_evaluate(&rows, &folds, &train).map_err(|fault| unusable(&options.file, &fault))?
        }
        None => ::text::evaluate(&*model(options.model.as_deref())?, &rows),
    };
    if options.json {
        tell!("{}", serde_json::to_string_pretty(&shown(&report)).unwrap_or_default());
    } else {
        print(&report);
    }
    Ok(())
}

fn shown(report: &Report) -> serde_json::Value {
    let confusion: Vec<_> = report
        .confusion
        .iter()
        .map(|((label, told), count)| json!({ "label": label, "told": told, "texts": count }))
        .collect();
    json!({
        "texts": report.texts,
        "accuracy": report.accuracy,
        "macro_f1": report.macro_f1,
        "classes": report.classes,
        "confusion": confusion,
    })
}

fn print(report: &Report) {
    let (macro_f1, accuracy, texts) = (report.macro_f1, report.accuracy, report.texts);
    match Lang::now() {
        Lang::Zh => tell!("{texts} 条文本，宏平均 F1 {macro_f1:.4}，准确率 {accuracy:.4}"),
        Lang::En => tell!("{texts} texts, macro-F1 {macro_f1:.4}, accuracy {accuracy:.4}"),
    }
    for class in &report.classes {
        tell!(
            "{:6}  P {:.3}  R {:.3}  F1 {:.3}  {}",
            class.texts,
            class.precision,
            class.recall,
            class.f1,
            class.label
        );
    }
    let mut wrong: Vec<_> = report.confusion.iter().filter(|((label, told), _)| label != told).collect();
    wrong.sort_by_key(|(_, count)| std::cmp::Reverse(**count));
    for ((label, told), count) in wrong {
        tell!("{count:6}  {label} → {told}");
    }
}

fn check(options: &TextCheck) -> Outcome {
    let text = if options.text == "-" {
        String::from_utf8_lossy(&input::bytes(Path::new("-"))?).into_owned()
    } else {
        options.text.clone()
    };
    let model = model(options.model.as_deref())?;
    let verdict = model.judge(&text);
    let found = Reader::at(kernel::Clock::system().now()).read(&text);
    let words: Vec<_> = verdict
        .words
        .iter()
        .map(|word| json!({ "text": word.span.of(&text), "weight": (f64::from(word.weight) * 1e3).round() / 1e3 }))
        .collect();
    let identifiers: Vec<_> = found
        .identifiers
        .iter()
        .map(|identifier| {
            let (kind, value) = written(&identifier.value);
            json!({ "kind": kind, "text": identifier.span.of(&text), "value": value })
        })
        .collect();
    let answer = json!({
        "scam_probability": verdict.scam_probability,
        "class": &*verdict.class,
        "class_probability": verdict.class_probability,
        "scam_type": verdict.scam_type.map(|kind| json!({ "code": kind.code(), "zh": kind.zh(), "en": kind.en() })),
        "words": words,
        "identifiers": identifiers,
        "model": model.fingerprint(),
    });
    tell!("{}", serde_json::to_string_pretty(&answer).unwrap_or_default());
    Ok(())
}

fn written(value: &Value) -> (&'static str, String) {
    match value {
        Value::Phone(phone) => ("phone", phone.to_string()),
        Value::Account(account) => ("account", account.to_string()),
        Value::CitizenId(id) => ("citizen_id", id.to_string()),
        Value::Reference(reference) => ("reference", reference.clone()),
        Value::Amount(amount) => ("amount", amount.money.format()),
        Value::Time(moment) => ("time", moment.at.map(Timestamp::to_rfc3339).unwrap_or_default()),
        Value::Link(link) => (if link.short { "short_link" } else { "link" }, link.address.clone()),
        Value::Chat(chat) => (chat.service.code(), chat.id.clone()),
        Value::App(name) => ("app", name.clone()),
    }
}

/// A model of a file, or the one that ships.
enum Chosen {
    Shipped(&'static Model),
    Loaded(Box<Model>),
}

impl std::ops::Deref for Chosen {
    type Target = Model;

    fn deref(&self) -> &Model {
        match self {
            Chosen::Shipped(model) => model,
            Chosen::Loaded(model) => model,
        }
    }
}

fn model(file: Option<&Path>) -> Outcome<Chosen> {
    let Some(file) = file else { return Ok(Chosen::Shipped(Model::shipped())) };
    Model::load(&input::bytes(file)?)
        .map(|model| Chosen::Loaded(Box::new(model)))
        .map_err(|fault| unusable(file, &fault))
}

fn rows(file: &Path) -> Outcome<Vec<Row>> {
    let bytes = input::bytes(file)?;
    let mut reader = csv::Reader::from_reader(bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(&bytes));
    let (mut rows, mut refused) = (Vec::new(), Vec::new());
    for (row, line) in reader.deserialize::<Row>().zip(2..) {
        match row {
            Ok(row) if row.text.trim().is_empty() || row.label.trim().is_empty() => {
                refused.push(format!("{line}: empty"));
            }
            Ok(row) => rows.push(row),
            Err(error) => refused.push(format!("{line}: {error}")),
        }
    }
    for why in refused.iter().take(REFUSED_SHOWN_MAX) {
        eprintln!("{}", Lang::now().pick("未读取的行 ", "row left out ").to_owned() + why);
    }
    if refused.len() > REFUSED_SHOWN_MAX {
        eprintln!("… {}", refused.len());
    }
    if rows.is_empty() {
        return Err(unusable(file, &"a CSV file with the columns text and label is needed"));
    }
    Ok(rows)
}

fn unusable(file: &Path, why: &dyn std::fmt::Display) -> Failure {
    texts::INPUT.fail(Exit::Usage, &[("file", &file.display().to_string()), ("why", &why.to_string())])
}
