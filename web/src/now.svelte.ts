// One clock for all relative times of a page.

export const now = $state({ value: new Date() });

setInterval(() => {
  if (!document.hidden) now.value = new Date();
}, 1000);
