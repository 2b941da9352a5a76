import { useEffect, useState } from "preact/hooks";

/** Where in the dashboard one is. It stands behind the `#`, so that the server has one page. */
export interface Route {
  /** As `["jobs", "job_…"]`. */
  path: string[];
  query: Readonly<Record<string, string>>;
}

export function parseRoute(hash: string): Route {
  const [path = "", search = ""] = hash.replace(/^#\/?/, "").split("?", 2);
  return {
    path: path.split("/").filter(Boolean).map(decode),
    query: Object.fromEntries(new URLSearchParams(search)),
  };
}

/** Somebody may have typed it. */
function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** Values that are empty are left out. */
export function hrefTo(path: string[], query: Record<string, string | undefined> = {}): string {
  const pairs = Object.entries(query).filter((pair): pair is [string, string] => Boolean(pair[1]));
  const search = pairs.length === 0 ? "" : `?${new URLSearchParams(pairs)}`;
  return `#/${path.map(encodeURIComponent).join("/")}${search}`;
}

export function go(path: string[], query: Record<string, string | undefined> = {}): void {
  location.hash = hrefTo(path, query);
}

export function useRoute(): Route {
  const [hash, setHash] = useState(location.hash);
  useEffect(() => {
    const heard = () => setHash(location.hash);
    addEventListener("hashchange", heard);
    heard(); // it may have changed since this was drawn
    return () => removeEventListener("hashchange", heard);
  }, []);
  return parseRoute(hash);
}
