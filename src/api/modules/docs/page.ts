export const ASSETS_PATH = "/swagger/assets";
export const DOCUMENT_PATH = "/swagger/json";

/** Nothing is loaded from elsewhere, and no script or style stands in the page itself. */
export const PAGE_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data:",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join("; ");

export const PAGE = `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <title>NetPulse API</title>
    <link rel="stylesheet" href="${ASSETS_PATH}/swagger-ui.css">
    <link rel="icon" type="image/png" href="${ASSETS_PATH}/favicon-32x32.png">
  </head>
  <body>
    <div id="swagger-ui"></div>
    <script src="${ASSETS_PATH}/swagger-ui-bundle.js"></script>
    <script src="${ASSETS_PATH}/initializer.js"></script>
  </body>
</html>
`;

/**
 * `validatorUrl: null` keeps the page from asking a service on the internet about our document. Without the plugin every field
 * begins with its example, so that a listing would be narrowed by all of them.
 */
export const INITIALIZER = `const withoutExamples = (document) => {
  for (const operation of Object.values(document.paths ?? {}).flatMap(Object.values)) {
    for (const parameter of operation.parameters ?? []) if (!parameter.required) delete parameter.example;
  }
  return document;
};
const emptyFields = () => ({
  statePlugins: {
    spec: { wrapActions: { updateJsonSpec: (update) => (document) => update(withoutExamples(document)) } },
  },
});

window.addEventListener("load", () => {
  window.ui = SwaggerUIBundle({
    url: "${DOCUMENT_PATH}",
    dom_id: "#swagger-ui",
    presets: [SwaggerUIBundle.presets.apis],
    plugins: [emptyFields],
    layout: "BaseLayout",
    deepLinking: true,
    displayRequestDuration: true,
    tryItOutEnabled: true,
    validatorUrl: null,
  });
});
`;
