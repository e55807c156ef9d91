// On a telephone the pages stand in a row that is wider than it: the one that is open is led into sight.
"use strict";
document.querySelector("nav [aria-current]")?.scrollIntoView({ block: "nearest", inline: "center" });
