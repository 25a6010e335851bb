// The pages of links: Settings > Shared links, and that of staff.

import "elements/confirm-dialog.js"
import "elements/links-page.js"
import "elements/toast-list.js"
