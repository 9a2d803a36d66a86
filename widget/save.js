/** Gives the reader a text as a file to keep; nothing leaves the page. */
export function saveText(name, text) {
  const url = URL.createObjectURL(new Blob([text], { type: "text/plain;charset=utf-8" }));
  const link = document.createElement("a");
  link.href = url;
  link.download = name;
  link.click();
  // Browsers have taken it by then; some still read it right after the click.
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}
