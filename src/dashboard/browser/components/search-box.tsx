import { Icon } from "./icon.tsx";

interface SearchProps {
  label: string;
  /** Default: the label. */
  placeholder?: string;
  value: string;
  set(value: string): void;
  onSubmit(): void;
}

/** Where the key `/` leads. */
export function SearchBox({ label, placeholder = label, value, set, onSubmit }: SearchProps) {
  const submit = (event: Event) => {
    event.preventDefault();
    onSubmit();
  };
  return (
    <search>
      <form class="search" onSubmit={submit}>
        <Icon name="search" />
        <input
          type="search"
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
