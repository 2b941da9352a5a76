import type { ComponentChildren } from "preact";
import { ApiError, Forbidden, NetworkError, ValidationError } from "../../../client/index.ts";
import { Icon, type IconName } from "./icon.tsx";

interface NoticeProps {
  kind?: "info" | "error" | "good";
  title: string;
  children?: ComponentChildren;
}

const ICONS = { info: "book", error: "warning", good: "check" } as const satisfies Record<string, IconName>;

export function Notice({ kind = "info", title, children }: NoticeProps) {
  return (
    <div class="notice" data-kind={kind} role={kind === "error" ? "alert" : "status"}>
      <Icon name={ICONS[kind]} />
      <div>
        <strong>{title}</strong>
        {children !== undefined && <div class="notice-text">{children}</div>}
      </div>
    </div>
  );
}

/** What went wrong, in the API's own words. */
export function ErrorNotice({ error, doing }: { error: unknown; doing: string }) {
  if (error === null || error === undefined) return null;
  return (
    <Notice kind="error" title={titleOf(error, doing)}>
      {wordsOf(error)}
      {error instanceof ValidationError && error.fields.length > 0 && (
        <ul>
          {error.fields.map(({ loc, msg }) => (
            <li key={`${loc.join(".")}${msg}`}>
              <code>{loc.slice(1).join(".") || String(loc[0])}</code> {msg}
            </li>
          ))}
        </ul>
      )}
    </Notice>
  );
}

function titleOf(error: unknown, doing: string): string {
  if (error instanceof Forbidden) return "This key may not do that";
  if (error instanceof NetworkError) return "The API does not answer";
  return `Could not ${doing}`;
}

export function wordsOf(error: unknown): string {
  if (error instanceof NetworkError) return "It is asked again by and by. Is the service running?";
  if (error instanceof ApiError) return error.message;
  return error instanceof Error ? error.message : String(error);
}

interface EmptyProps {
  title: string;
  children?: ComponentChildren;
}

export function Empty({ title, children }: EmptyProps) {
  return (
    <div class="empty">
      <strong>{title}</strong>
      {children !== undefined && <p>{children}</p>}
    </div>
  );
}

export function Loading() {
  return (
    <div class="loading" role="status">
      <span class="visually-hidden">Loading…</span>
      <i />
      <i />
      <i />
    </div>
  );
}
