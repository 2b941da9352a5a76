import { installDiffieHellman } from "../../src/device/dh.ts";

// All test files share one process, and some load ssh2 before the device layer could prepare it.
installDiffieHellman();
