/**
 * Shapes of the seats' HTTP API under the names that the console uses for them. The shapes themselves are written from
 * the seats' documents into `generated/`. Personal data arrives masked; times are RFC 3339.
 */
import type { components as BankDocument, Rights as BankRights } from "./generated/bank";
import type { components as CentreDocument, Rights as CentreRights } from "./generated/centre";
import type { components as OperatorDocument, Rights as OperatorRights } from "./generated/operator";

type Centre = CentreDocument["schemas"];
type Bank = BankDocument["schemas"];
type Operator = OperatorDocument["schemas"];

/** One type serves what is sent, where much may be left out, and what is answered, where all of it stands. */
type Answered<T> = { [Key in keyof T]-?: T[Key] };
/** The same where nothing may be sent as null and is answered as an empty text. */
type Filled<T> = { [Key in keyof T]-?: NonNullable<T[Key]> };

/** What every seat has. */
export type Money = Centre["Money"];
export type Said = Centre["Said"];
export type Fault = Centre["Fault"];
/** Also of a problem that the console itself tells, which has no more than a code and its texts. */
export type ProblemBody = Partial<Centre["ProblemBody"]> & Pick<Centre["ProblemBody"], "status" | "code">;
export interface Page<T> {
  items: T[];
  next?: string | null;
}
export type Text2 = Centre["Text2"];
export type SeatKind = "centre" | "bank" | "operator";
export type Seat = Omit<Centre["SeatOutput"], "seat"> & { seat: SeatKind };
export type SessionUser = Centre["SessionUser"];
export type Session = Centre["SessionOutput"];
export type User = Centre["User"];
export type Role = Centre["Role"];
export type RightName = Centre["Right"];
export type JournalEntry = Centre["EntryOutput"];
export type VerificationState = Centre["VerificationState"];
export type Stuck = Centre["Stuck"];
export type Partner = Answered<Centre["Partner"]>;
export type Region = Centre["RegionOutput"];
export type ScamType = Centre["ScamTypeOutput"];
export type SearchHit = Centre["SearchHit"];
/** What waits at a desk, by the name of its queue. */
export type DeskCounts = Partial<Centre["DeskCounts"] & Bank["DeskCounts"] & Operator["DeskCounts"]>;

/** Rights by which desks and acts are offered. */
export type Right = BankRights | CentreRights | OperatorRights;

/** Intake. */
export type ReportState = Centre["ReportState"];
export type ReportPayment = Filled<Centre["DraftPayment"]>;
export type ReportContact = Filled<Centre["DraftContact"]>;
export type ReportDraft = Filled<Omit<Centre["Draft"], "victim" | "payments" | "contacts">> & {
  victim: Filled<Centre["DraftVictim"]>;
  payments: ReportPayment[];
  contacts: ReportContact[];
};
export type ReportRow = Centre["Listed"];
/** A report as it stands; personal data masked, but in a draft that the reader began himself. */
export type Report = Omit<Centre["ReportOutput"], keyof ReportDraft> & ReportDraft;
export type ImportReport = Centre["ImportReport"];
export type ImportMapping = Answered<Centre["Mapping"]>;
/** Characters (Unicode scalar values) from the start, the end exclusive. */
export type Span = Centre["Span"];
export type Reading = Omit<Centre["Found"], "payments"> & { payments: { payment: ReportPayment; spans: Span[] }[] };
export type Duplicate = Centre["Duplicate"];
/** Two reports that may tell of one payment and wait for a person. */
export type WaitingPair = Centre["WaitingPair"];

/** Stop payment. */
export type OrderKind = Centre["OrderKind"];
export type OrderAct = Centre["Act"];
export type OrderRow = Centre["OrderRow"];
export type Order = Centre["OrderDetail"];
export type OrderMade = Centre["OrderMade"];
export type Answer = Centre["AnswerView"];
export type Movement = Centre["MovementView"];
/** What no chase follows by itself. */
export type WaitingPayment = Centre["WaitingPayment"];
export type PlacedPayment = Centre["PlacedOutput"];
export type StandingRule = Centre["RuleRow"];

/** Lines: orders to operators. */
export type LineOrderRow = Centre["LineOrderRow"];
export type LineOrder = Centre["LineOrderDetail"];
export type LineAct = Centre["LineAct"];
export type LineOrdersMade = Centre["LineOrdersMade"];
export type LineContact = Centre["LineContactView"];
export type LineParameters = Centre["LineParameters"];

/** The number list. */
export type NumberEntryRow = Centre["NumberEntryRow"];
export type NumberEntry = Centre["NumberEntryDetail"];
export type NumberAct = Centre["NumberAct"];
export type PublishedList = Centre["PublishedList"];
export type NumberAppeal = Centre["NumberAppeal"];
export type NumbersImported = Centre["NumberImport"];

/** Signals. */
export type SignalBoard = Centre["SignalBoard"];
export type SignalHour = Centre["SignalHour"];
export type SignalHit = Centre["SignalHitRow"];
export type NumberStory = Centre["NumberStory"];

/** Telephones that a report names. */
export type ReportTelephone = Centre["ReportTelephone"];
export type TelephoneActed = Centre["TelephoneActed"];

/** Chase. */
export type ChaseRow = Centre["ChaseRow"];
/** `received = passed_on + exited + unseen + remaining`. */
export type ChaseAccount = Centre["AccountRow"];
export type ChaseTransfer = Centre["TransferRow"];
export type Chase = Centre["ChaseDetail"];
/** What of a chase waits for a person. */
export type ChaseWait = Centre["ChaseWait"];

/** Bank. */
export type BankOrderRow = Bank["OrderLine"];
export type BankOrder = Bank["OrderDetail"];
export type Hold = Bank["HoldView"];
export type BankAccount = Bank["AccountDetail"];
export type Notice = Bank["NoticeView"];

/** Operator. */
export type LiveView = Operator["LiveView"];
export type LivePoint = Operator["Point"];
export type ListEntry = Operator["EntryView"];
export type ListEntryDetail = Operator["EntryWithHistory"];
export type ListStatus = Operator["ListStatus"];
export type ListImport = Operator["Imported"];
export type ScreeningRule = Operator["RuleView"];
export type ScreeningRuleDetail = Operator["RuleWithVersions"];
export type RuleInput = Operator["RuleInput"];
export type RuleFeature = Operator["FeatureView"];
export type RuleTested = Operator["Tested"];
export type CarrierStory = Operator["NumberStory"];
export type NumberChecked = Operator["CheckOutput"];
export type Appeal = Operator["AppealView"];
export type AppealDetail = Operator["AppealWithHistory"];
export type FalseBlocks = Operator["FalseBlocks"];
export type PublicAppealState = Operator["PublicAppeal"];
export type CarrierOrder = Operator["OrderView"];
export type CarrierOrderDetail = Operator["OrderDetail"];
export type LineMeasure = Operator["MeasureView"];
export type OfficialSender = Operator["OfficialSender"];
