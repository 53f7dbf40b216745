/** A bank by its name: one of the directory, or any other as the victim says it. */
import { AutoComplete } from "antd";

export interface NamedBank {
  id: string;
  name: string;
}

/** The id where the text is the name of a bank of the directory, else the text itself. */
export function bankOf(text: string, banks: NamedBank[]): string {
  return banks.find((bank) => bank.name === text.trim())?.id ?? text;
}

interface Props {
  id?: string;
  status?: "" | "error";
  /** Id of a bank, or a name. */
  value: string;
  banks: NamedBank[];
  onChange: (bank: string) => void;
}

export function BankInput({ id, status, value, banks, onChange }: Props) {
  return (
    <AutoComplete
      id={id} status={status} allowClear maxLength={64}
      showSearch={{ filterOption: (typed, option) => String(option?.value ?? "").includes(typed.trim()) }}
      value={banks.find((bank) => bank.id === value)?.name ?? value}
      options={banks.map((bank) => ({ value: bank.name }))}
      onChange={(text: string | undefined) => onChange(bankOf(text ?? "", banks))}
    />
  );
}
