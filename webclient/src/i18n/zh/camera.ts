export const camera = {
  start: '打开摄像头', starting: '正在打开摄像头…', aim: '将二维码放入框内', slow: '还没有识别到，可以改用拍照识别。', shot: '扫码取景', torchOn: '开灯', torchOff: '关灯', stop: '停止',
  photo: '拍照识别', photoHint: '看不清时，拍一张或从相册选', reading: '正在识别…', typeLabel: '统一社会信用代码或企业码链接', typeHint: '18 位，字母大写；也可粘贴链接', use: '使用此代码', badCheck: '校验位不符，请核对第 18 位；确认无误也可提交。', badLength: '应为 18 位，现在是 {n} 位。',
  denied: '没有摄像头权限。', deniedNext: '请在系统设置里允许使用摄像头，或用下面两种方式。', noCamera: '没有可用的摄像头。', noCameraNext: '请用拍照识别或手动输入。', busyCamera: '摄像头正被占用。', busyCameraNext: '请关闭其他使用摄像头的应用后重试。', insecure: '此浏览器不能打开摄像头。', insecureNext: '请用拍照识别或手动输入，或用系统相机扫码。', noReader: '识别程序没有加载。', noReaderNext: '请连上网络后重试，或手动输入统一社会信用代码。',
}
