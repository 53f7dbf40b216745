/** What this bank reported to the centre of its own accord. */
import { Button } from "antd";
import { useState } from "react";
import { useQuery } from "@tanstack/react-query";
import { useNavigate, useParams } from "react-router";
import { get } from "../../api/client";
import type { Notice, Page } from "../../api/types";
import { useT, useWord } from "../../shell/i18n";
import { useKeys } from "../../shell/keys";
import { usePartners } from "../../shell/partners";
import { AccountText, Card, Chip, Fact, TimeText } from "../../shell/pieces";
import { Queue } from "../../shell/Queue";
import { SubjectLink } from "../../shell/SubjectLink";
import { Empty } from "../../shell/views";
import { NoticeForm } from "./NoticeForm";
import { NOTICE, NOTICE_KINDS } from "./texts";

function Shown({ notice }: { notice: Notice }) {
  const t = useT(NOTICE);
  const word = useWord();
  const { nameOf } = usePartners();
  return (
    <>
      <div className="detail-head"><h2>{word(NOTICE_KINDS, notice.kind)} {notice.number}</h2></div>
      <div className="detail-body" tabIndex={-1}>
        <Card title={t("title")}>
          <dl className="facts">
            <Fact label={t("madeAt")}><TimeText at={notice.made_at} shape="full" /></Fact>
            <Fact label={t("madeBy")}>{notice.made_by}</Fact>
            <Fact label={t("centre")}>{nameOf(notice.centre)}</Fact>
            {notice.account && <Fact label={t("account")}><AccountText value={notice.account} /></Fact>}
            <Fact label={t("ownStop")}>{notice.hold_id ? <SubjectLink kind="hold" id={notice.hold_id}>{t("openHold")}</SubjectLink> : t("none")}</Fact>
            {notice.victim && <Fact label={t("victim")}>{notice.victim}</Fact>}
            {notice.words && <Fact wide label={t("words")}><span style={{ whiteSpace: "pre-wrap" }}>{notice.words}</span></Fact>}
            <Fact wide label={t("answer")}>{notice.answer ? <><TimeText at={notice.answer.taken_at} /> {notice.answer.case_number ? <>{t("taken")} <Chip tone="accent">{notice.answer.case_number}</Chip></> : t("takenNoCase")}</> : <span className="faint">{t("answerNone")}</span>}</Fact>
          </dl>
        </Card>
      </div>
    </>
  );
}

export default function Notices() {
  const { id } = useParams();
  const t = useT(NOTICE);
  const word = useWord();
  const go = useNavigate();
  const [search, setSearch] = useState("");
  const query = useQuery({ queryKey: ["notices"], queryFn: async () => (await get<Page<Notice>>("/notices", { limit: 200 })).items });
  useKeys({ n: () => void go("/notices/new") });
  const shown = { ...query, data: query.data?.filter((notice) => notice.number.includes(search.trim())) } as typeof query;
  const chosen = query.data?.find((notice) => notice.id === id);
  return (
    <Queue
      title={t("title")}
      extra={<Button size="small" type="primary" onClick={() => void go("/notices/new")}>＋ {t("add")} <kbd aria-hidden="true">N</kbd></Button>}
      tabs={[{ key: "all", label: t("tabAll") }]} tab="all" onTab={() => undefined}
      search={search} onSearch={setSearch} searchLabel={t("search")}
      query={shown} right="bank.report.write" idOf={(notice) => notice.id} subjectOf={(notice) => `notice:${notice.id}`}
      selected={id && id !== "new" ? id : null} forced={id === "new"} onSelect={(next) => void go(next ? `/notices/${next}` : "/notices", { replace: Boolean(id) })}
      empty={<Empty title={t("empty")} hint={t("emptyHint")} />}
      render={(notice) => (
        <>
          <div className="l1"><strong className="nowrap">{notice.number}</strong><span className="ellipsis">{word(NOTICE_KINDS, notice.kind)}</span></div>
          <div className="r1">{notice.hold_id && <Chip tone="green" sign="■">{t("ownStop")}</Chip>}</div>
          <div className="l2"><span className="ellipsis">{notice.made_by}</span></div>
          <div className="r2 muted"><TimeText at={notice.made_at} shape="short" /></div>
        </>
      )}
      detail={id === "new" ? <NoticeForm /> : chosen ? <Shown notice={chosen} /> : <Empty icon="notices" title={t("pick")} hint={t("pickHint")} />}
    />
  );
}
