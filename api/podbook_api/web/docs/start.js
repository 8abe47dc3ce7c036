// A first try waits for its result, instead of answering that the run has begun.
const WAIT_SECONDS = 30;

function withWait(text) {
  const found = JSON.parse(text);
  for (const path of Object.values(found.paths)) {
    for (const parameter of path.post?.parameters ?? []) {
      if (parameter.name === "wait") parameter.example = WAIT_SECONDS;
    }
  }
  return JSON.stringify(found);
}

// People look for a notebook by its name; Swagger's own filter knows tags alone.
function named(operations, phrase) {
  const wanted = phrase.toLowerCase();
  const isWanted = (operation) =>
    `${decodeURI(operation.get("path"))} ${operation.getIn(["operation", "summary"])}`
      .toLowerCase()
      .includes(wanted);
  return operations
    .map((tag) => tag.update("operations", (found) => found.filter(isWanted)))
    .filter((tag) => tag.get("operations").size);
}

// Addresses are relative, so that the page also works below a proxy's prefix.
SwaggerUIBundle({
  url: "openapi.json",
  dom_id: "#docs",
  deepLinking: true,
  filter: true,
  plugins: [{ fn: { opsFilter: named } }],
  tryItOutEnabled: true,
  defaultModelsExpandDepth: 0,
  responseInterceptor: (response) => {
    if (response.ok && response.url.endsWith("/openapi.json")) {
      response.text = withWait(response.text);
    }
    return response;
  },
  onComplete: () => {
    const input = document.querySelector(".operation-filter-input");
    if (input) input.placeholder = "Find a notebook";
  },
  // The validator is somewhere else.
  validatorUrl: null,
});
