/** Offers a text as a file, from the memory of the page. */
export function saveText(name: string, parts: string[]): void {
  const url = URL.createObjectURL(new Blob(parts, { type: "text/plain" }));
  const link = document.createElement("a");
  link.href = url;
  link.download = name;
  link.click();
  URL.revokeObjectURL(url);
}
