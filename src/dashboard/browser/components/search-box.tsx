import { Icon } from "./icon.tsx";

interface SearchProps {
  label: string;
  /** Default: the label. */
  placeholder?: string;
  value: string;
  set(value: string): void;
  /** With what stands there, drawn already or not. */
  onSubmit(value: string): void;
}

/** Where the key `/` leads. */
export function SearchBox({ label, placeholder = label, value, set, onSubmit }: SearchProps) {
  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    onSubmit(String(new FormData(event.currentTarget as HTMLFormElement).get("search")).trim());
  };
  return (
    <search>
      <form class="search" onSubmit={submit}>
        <Icon name="search" />
        <input
          type="search"
          name="search"
          data-search
          aria-label={label}
          placeholder={placeholder}
          spellcheck={false}
          value={value}
          onInput={({ currentTarget }) => set(currentTarget.value)}
        />
        <button type="submit" class="visually-hidden">
          Search
        </button>
      </form>
    </search>
  );
}
