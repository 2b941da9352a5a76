interface TimeInputProps {
  name: string;
  label: string;
  /** ISO-8601 with its offset, or empty. */
  value: string | undefined;
  set(iso: string): void;
}

/** A moment in the reader's zone, while addresses and the API have UTC. */
export function TimeInput({ name, label, value, set }: TimeInputProps) {
  return (
    <label>
      {label}
      <input
        name={name}
        type="datetime-local"
        step="1"
        value={localTime(value)}
        onInput={({ currentTarget }) => set(isoTime(currentTarget.value))}
      />
    </label>
  );
}

function localTime(iso: string | undefined): string {
  const at = Date.parse(iso ?? "");
  if (Number.isNaN(at)) return "";
  return new Date(at - new Date(at).getTimezoneOffset() * 60_000).toISOString().slice(0, 19);
}

function isoTime(local: string): string {
  const at = new Date(local);
  return Number.isNaN(at.getTime()) ? "" : at.toISOString();
}
