// Settings > Usage.

import "elements/budget-dialog.js"
import "elements/budget-keeper.js"
import "elements/usage-page.js"
