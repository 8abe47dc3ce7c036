// Around a page: hands over the run's files, when somebody has just clicked.
addEventListener("message", (event) => {
  const { podbook, name } = event.data ?? {};
  if (podbook !== "artifact" || event.source !== frames[0] || !navigator.userActivation?.isActive) return;
  const parts = String(name).split("/");
  if (parts[0] !== "files" || parts.some((part) => ["", ".", ".."].includes(part))) return;
  const link = document.createElement("a");
  link.href = new URL(parts.map(encodeURIComponent).join("/") + location.search, location.href).href;
  link.download = parts.at(-1);
  link.click();
});
