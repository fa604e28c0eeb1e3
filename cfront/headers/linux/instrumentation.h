/* Where instrumentation may be, for ctcheck: nowhere. */
#ifndef _LINUX_INSTRUMENTATION_H
#define _LINUX_INSTRUMENTATION_H

void instrumentation_begin(void);
void instrumentation_end(void);

#endif
