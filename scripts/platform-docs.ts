import { platformDocs } from "../drivers/cli/docs.ts";
import { transcriptSources } from "./lib/transcript-sources.ts";

await Bun.write(new URL("../docs/platforms.md", import.meta.url), platformDocs(transcriptSources()));
